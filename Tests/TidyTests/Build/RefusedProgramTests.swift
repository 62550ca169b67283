import TestSupport
import Testing

/// Programs that would compile, and silently not do what they say, if the API let them.
@Suite("Programs that must not compile", .enabled(if: Toolchain.isOnPath, "the swift tool is not on the PATH"))
struct RefusedProgramTests {
    struct Program: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let declaration: String
        /// Makes the same program one that compiles, so that it is refused for this reason alone.
        let correction: (wrong: String, right: String)

        init(_ description: String, _ declaration: String, correction: (wrong: String, right: String)) {
            testDescription = description
            self.declaration = declaration
            self.correction = correction
        }
    }

    private static let request = "_ request: borrowing Request, context: inout RequestContext"

    static let programs = [
        Program(
            "a request filter with an async function",
            "struct Guard: RequestFilter { func before(\(request)) async throws -> Response? { nil } }",
            correction: ("async throws", "throws")),
        Program(
            "a filter with an async function",
            """
            struct Guard: Filter {
                func before(\(request)) async throws -> Response? { nil }
                func after(\(request), response: inout Response) {}
            }
            """, correction: ("async throws", "throws")),
        Program(
            "a response filter with an async function",
            "struct Mark: ResponseFilter { func after(\(request), response: inout Response) async {} }",
            correction: (" async", "")),
        Program(
            "a response filter with another parameter",
            "struct Mark: ResponseFilter { func after(\(request), answer: inout Response) {} }",
            correction: ("answer:", "response:")),
        Program(
            "a filter without a function for the response",
            "struct Mark: Filter { func before(\(request)) throws -> Response? { nil } }",
            correction: (": Filter", ": RequestFilter")),
        Program(
            "a middleware that is none of the kinds that have a function",
            "struct Guard: Middleware { func before(\(request)) throws -> Response? { nil } }",
            correction: (": Middleware", ": RequestFilter")),
        Program(
            "an async middleware that is none of the kinds that have a function",
            "struct Guard: Middleware { func before(\(request)) async throws -> Response? { nil } }",
            correction: (": Middleware", ": AsyncRequestFilter")),
        Program(
            "a middleware around another one",
            "struct Wrapper: Middleware { let inner: any Middleware }",
            correction: (": Middleware {", ": Sendable {")),
        Program(
            "an async request filter with another parameter",
            "struct Guard: AsyncRequestFilter { func before(_ r: borrowing Request) async -> Response? { nil } }",
            correction: ("_ r: borrowing Request", request)),
        Program(
            "an async middleware that cannot await",
            "struct Around: AsyncMiddleware { func handle(\(request)) async throws -> Response { .text(\"\") } }",
            correction: ("context: inout RequestContext", "context: inout RequestContext, next: Next")),
        Program(
            "a configuration with a parameter that is no inout",
            "struct Limit: RouteConfiguration { func configure(_ options: RouteOptions) {} }",
            correction: ("options: RouteOptions", "options: inout RouteOptions")),
        Program(
            "a refusal filter with another name",
            "struct Mark: RefusalFilter { func refuse(\(request), response: inout Response) {} }",
            correction: ("func refuse(", "func refused(")),
        Program(
            "an async run at the top level, where Swift chooses the blocking one",
            "try await Server(router: Router()).run()",
            correction: (
                "try await Server(router: Router()).run()",
                "func serve() async throws { try await Server(router: Router()).run() }"
            )),
        Program(
            "a stream that does not await its writes",
            "let response = Response.stream { writer in try writer.write(\"a\") }",
            correction: ("try writer", "try await writer")),
        Program(
            "a blocking stream that awaits",
            "let response = Response.blockingStream { _ in try await Task.sleep(for: .seconds(1)) }",
            correction: ("blockingStream", "stream")),
        Program(
            "a loop that begins with the first part of a form again and again",
            """
            func names(_ request: borrowing Request) throws {
                while let part = try request.multipart().nextPart() { print(part.name) }
            }
            """,
            correction: (
                "while let part = try request.multipart()",
                "var parts = try request.multipart(); while let part = try parts"
            )),
    ]

    @Test("are refused, and compile once they are corrected", arguments: programs)
    func refused(_ program: Program) {
        let text = "import HyperServe\n\(program.declaration)\n"
        #expect(Toolchain.typecheck(text, isManifest: false).exitStatus != 0)
        let corrected = Toolchain.typecheck(
            text.replacing(program.correction.wrong, with: program.correction.right), isManifest: false)
        #expect(corrected.exitStatus == 0, "\(corrected.output)")
    }
}
