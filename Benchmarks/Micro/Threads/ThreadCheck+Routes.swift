import HyperServe

// Handlers that await what a handler may await, and record their thread after it.
extension ThreadCheck {
    static func routes(_ trace: ThreadTrace) -> Router {
        var router = Router()
        router.get("/thread") { _ in
            trace.setReactor()
            return .status(.ok)
        }
        addReaders(&router, trace)
        addForms(&router, trace)
        addStreams(&router, trace)
        let middlewares: [any Middleware] = [AsyncBefore(trace: trace), AsyncAround(trace: trace)]
        router.get("/context", with: middlewares) { _, context async throws in
            trace.mark("handler in async middlewares")
            try await Task.sleep(for: .milliseconds(1))
            trace.mark("Task.sleep")
            await Task.yield()
            trace.mark("Task.yield")
            return .status(.ok)
        }
        addHops(&router, trace)
        return router
    }

    private static func addReaders(_ router: inout Router, _ trace: ThreadTrace) {
        router.post("/body", body: .stream) { request in
            trace.mark("start")
            for try await _ in request.body.chunks { trace.mark("chunk of a body") }
            trace.mark("end of a body")
            return .status(.ok)
        }
        router.post("/iterator", body: .stream) { request in
            var iterator = request.body.chunks.makeAsyncIterator()
            while try await iterator.next() != nil { trace.mark("iterator.next()") }
            trace.mark("last iterator.next()")
            return .status(.ok)
        }
        router.post("/collect") { request in
            trace.mark("start with a collected body")
            for try await _ in request.body.chunks { trace.mark("chunk of a collected body") }
            await Task.yield()
            trace.mark("Task.yield after a collected body")
            return .status(.ok)
        }
        router.post("/json") { request async throws in
            try await Task.sleep(for: .milliseconds(1))
            let value = try request.decode(json: [String: Int].self)
            trace.mark("decode(json:)")
            return try .json(value)
        }
        router.post("/decode") { request async throws in
            try await Task.sleep(for: .milliseconds(1))
            let value = try request.decode(form: [String: Int].self)
            trace.mark("decode(form:)")
            return try .json(value)
        }
    }

    private static func addForms(_ router: inout Router, _ trace: ThreadTrace) {
        router.post("/form/parts", body: .stream) { request in
            for try await part in try request.multipart() {
                trace.mark("part")
                for try await _ in part.chunks { trace.mark("chunk of a part") }
                trace.mark("end of a part")
            }
            trace.mark("end of a form")
            return .status(.ok)
        }
        router.post("/form/collect", body: .stream) { request in
            for try await part in try request.multipart() {
                _ = try await part.collect()
                trace.mark("part.collect()")
            }
            return .status(.ok)
        }
        router.post("/form/next", body: .stream) { request in
            var parts = try request.multipart().makeAsyncIterator()
            while let part = try await parts.next() {
                trace.mark("parts.next()")
                var chunks = part.chunks.makeAsyncIterator()
                while try await chunks.next() != nil { trace.mark("part.chunks.next()") }
            }
            return .status(.ok)
        }
    }

    private static func addStreams(_ router: inout Router, _ trace: ThreadTrace) {
        let stream = { @Sendable (kind: String) in
            Response.stream(trailers: ["Sum"]) { writer in
                trace.mark("start of a stream of \(kind) handler")
                for _ in 0..<20 {
                    try await writer.write([UInt8](repeating: 0x61, count: 50_000))
                    trace.mark("write in a stream of \(kind) handler")
                }
                writer.trailers["Sum"] = "1"
                try await writer.write("text")
                trace.mark("write of text in a stream of \(kind) handler")
            }
        }
        router.get("/inline-stream") { _ in stream("an inline") }
        router.get("/async-stream") { _ async in stream("an async") }
        router.get("/blocking-stream", .blocking) { _ in
            trace.markElsewhere("blocking handler")
            return stream("a blocking")
        }
        router.post("/echo", body: .stream) { request in
            let chunks = request.body.chunks
            return .stream { writer in
                for try await chunk in chunks {
                    trace.mark("chunk in a stream")
                    try await writer.write(chunk)
                    trace.mark("write between chunks")
                }
            }
        }
        router.post("/echo-blocking", .blocking, body: .stream) { request in
            let chunks = request.body.chunks
            return .blockingStream { writer in
                while let chunk = try chunks.nextChunk() {
                    trace.markElsewhere("chunk in a blocking stream")
                    try writer.write(chunk)
                    try writer.flush()
                    trace.markElsewhere("flush of a blocking stream")
                }
            }
        }
    }

    // MARK: - What is not the server's

    private actor Counter {
        private var count = 0

        func add(_ trace: ThreadTrace) {
            count += 1
            trace.markElsewhere("actor")
        }
    }

    private static func helper(_ trace: ThreadTrace) async { trace.markElsewhere("plain async function") }

    @concurrent
    private static func concurrent(_ trace: ThreadTrace) async { trace.markElsewhere("concurrent function") }

    @MainActor
    private static func onMainActor(_ trace: ThreadTrace) { trace.markElsewhere("main actor") }

    private static func addHops(_ router: inout Router, _ trace: ThreadTrace) {
        let counter = Counter()
        router.get("/hops") { _ in
            await counter.add(trace)
            trace.mark("call of an actor")
            await helper(trace)
            trace.mark("call of a plain async function")
            await concurrent(trace)
            trace.mark("call of a concurrent function")
            async let child: Void = concurrent(trace)
            await child
            trace.mark("async let")
            await withTaskGroup { group in
                group.addTask { trace.markElsewhere("task of a group") }
                await group.waitForAll()
            }
            trace.mark("task group")
            await Task.detached { trace.markElsewhere("detached task") }.value
            trace.mark("value of a detached task")
            await onMainActor(trace)
            trace.mark("call of the main actor")
            return .status(.ok)
        }
    }

    // `nonisolated(nonsending)`, as everything is in a package that enables `NonisolatedNonsendingByDefault`.

    private struct AsyncBefore: AsyncRequestFilter {
        let trace: ThreadTrace

        nonisolated(nonsending)
            func before(_ request: borrowing Request, context: inout RequestContext) async throws -> Response?
        {
            trace.mark("start of an async request filter")
            try await Task.sleep(for: .milliseconds(1))
            trace.mark("Task.sleep in an async request filter")
            return nil
        }
    }

    private struct AsyncAround: AsyncMiddleware {
        let trace: ThreadTrace

        nonisolated(nonsending)
            func handle(
                _ request: borrowing Request, context: inout RequestContext, next: Next
            ) async throws -> Response
        {
            trace.mark("start of an async middleware")
            let response = try await next(request, &context)
            trace.mark("next in an async middleware")
            return response
        }
    }
}
