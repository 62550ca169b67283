// Its header is the first to include the types of threads.
import CPlatform
import Glibc
import JSON
import TestSupport
import Testing

@Suite("JSON on threads with small stacks")
struct JSONStackTests {
    /// From as little as a thread of a server can have, with `ulimit -s 64`, to what it usually has.
    static let stackSizes = [64, 128, 256, 512, 1024, 8192].map { $0 << 10 }

    final class Chain: Codable, Sendable {
        let next: Chain?

        init(length: Int) {
            next = length > 1 ? Chain(length: length - 1) : nil
        }
    }

    /// A value that takes much of the stack itself.
    struct Wide: Codable {
        var numbers: InlineNumbers
        var list: [Wide]
    }

    struct InlineNumbers: Codable {
        var a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0, i = 0, j = 0, k = 0, l = 0, m = 0, n = 0
        var texts = ["", ""], name = "n"
    }

    @Test("Objects 512 deep are decoded, or refused, on a stack of any size", arguments: stackSizes)
    func decodedObjects(stackSize: Int) throws {
        let depth = JSON.maximumDepth
        let text = String(repeating: #"{"next":"#, count: depth - 1) + "{}" + String(repeating: "}", count: depth - 1)
        try expectSafe(stackSize) { _ = try JSON.decode(Chain.self, from: Array(text.utf8)) }
    }

    @Test("Arrays 512 deep are decoded, or refused, on a stack of any size", arguments: stackSizes)
    func decodedArrays(stackSize: Int) throws {
        let depth = JSON.maximumDepth
        let text = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        try expectSafe(stackSize) { _ = try JSON.decode(JSONTree.self, from: Array(text.utf8)) }
    }

    @Test("Large values 256 deep are coded, or refused, on a stack of any size", arguments: stackSizes)
    func largeValues(stackSize: Int) throws {
        // Two levels of JSON for each, and two for the numbers of the last one.
        var value = Wide(numbers: .init(), list: [])
        for _ in 2..<JSON.maximumDepth / 2 { value = Wide(numbers: .init(), list: [value]) }
        let kept = value
        try expectSafe(stackSize) { _ = try JSON.decode(Wide.self, from: JSON.encode(kept)) }
    }

    @Test("Objects 512 deep are encoded, or refused, on a stack of any size", arguments: stackSizes)
    func encodedObjects(stackSize: Int) throws {
        let chain = Chain(length: JSON.maximumDepth)
        try expectSafe(stackSize) { _ = try JSON.encode(chain) }
    }

    @Test("A value that encodes itself with another encoder without end is refused", arguments: stackSizes)
    func endlessEncoders(stackSize: Int) throws {
        struct Endless: Encodable {
            func encode(to encoder: any Encoder) throws {
                var container = encoder.singleValueContainer()
                try container.encode(JSON.encode(Endless()))
            }
        }
        let isRefused = try result(onStackOf: stackSize) { _ = try JSON.encode(Endless()) }
        #expect(isRefused)
    }

    @Test("An error can be described on the stack on which it occurs", arguments: stackSizes)
    func describedErrors(stackSize: Int) throws {
        indirect enum Nested: Encodable, Sendable {
            case end
            case next(Nested)
        }
        var value = Nested.end
        for _ in 0..<2_000 { value = .next(value) }
        let kept = value
        let isRefused = try result(onStackOf: stackSize) {
            do {
                _ = try JSON.encode(kept)
            } catch {
                #expect("\(error)".contains("nested"))
                throw error
            }
        }
        #expect(isRefused)
    }

    @Test("Values 16 deep are coded on a stack of 256 KiB")
    func ordinaryValues() throws {
        let isRefused = try result(onStackOf: 256 << 10) {
            let text = try JSON.encode(Chain(length: 16))
            let back = try JSON.decode(Chain.self, from: text)
            #expect(try JSON.encode(back) == text)
        }
        #expect(!isRefused)
    }

    /// Expects that `body` returns on a thread with such a stack, and succeeds on one of the usual size.
    private func expectSafe(_ stackSize: Int, _ body: @escaping @Sendable () throws -> Void) throws {
        let isRefused = try result(onStackOf: stackSize, body)
        if stackSize == Self.stackSizes.last { #expect(!isRefused) }
    }

    /// Returns whether `body` throws an error of coding, after running it on a thread with a stack of so many bytes.
    private func result(onStackOf byteCount: Int, _ body: @escaping @Sendable () throws -> Void) throws -> Bool {
        final class Run {
            let body: () throws -> Void
            var error: (any Error)?

            init(_ body: @escaping () throws -> Void) { self.body = body }
        }
        let run = Run(body)
        var attributes = pthread_attr_t()
        unsafe pthread_attr_init(&attributes)
        defer { unsafe pthread_attr_destroy(&attributes) }
        try #require(unsafe pthread_attr_setstacksize(&attributes, byteCount) == 0)
        var thread = pthread_t()
        // The thread ends before this function, which keeps the object.
        let argument = unsafe Unmanaged.passUnretained(run).toOpaque()
        let failure = unsafe pthread_create(
            &thread, &attributes,
            { argument in
                let run = unsafe Unmanaged<Run>.fromOpaque(argument!).takeUnretainedValue()
                do { try run.body() } catch { run.error = error }
                return nil
            }, argument)
        try #require(failure == 0)
        pthread_join(thread, nil)
        let error = run.error
        if let error { #expect(error is DecodingError || error is EncodingError, "\(error)") }
        return error != nil
    }
}
