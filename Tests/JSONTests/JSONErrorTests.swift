import JSON
import TestSupport
import Testing

@Suite("Errors of JSON encoding")
struct JSONErrorTests {
    struct Sample: Encodable {
        var name = "n"
        var values: [Double]
    }

    @Test(
        "Numbers that are not finite are refused, with the path to them",
        arguments: [Double.nan, .infinity, -.infinity])
    func notFinite(number: Double) throws {
        let error = #expect(throws: EncodingError.self) { try json(["a": Sample(values: [1, number])]) }
        guard case .invalidValue(let value, let context) = error else {
            Issue.record("another error")
            return
        }
        #expect((value as? Double)?.bitPattern == number.bitPattern)
        #expect(context.codingPath.map(\.stringValue) == ["a", "values", "Index 1"])
        #expect(context.codingPath.last?.intValue == 1)
        #expect(throws: EncodingError.self) { try json(number) }
        #expect(throws: EncodingError.self) { try json(["x": Float(number)]) }
        #expect(throws: EncodingError.self) { try json(Double?.some(number)) }
    }

    @Test("A top-level value that encodes nothing is refused")
    func nothing() {
        #expect(throws: EncodingError.self) { try json(Custom { _ in }) }
    }

    @Test("A failed value leaves no output, and the encoder usable")
    func encoderAfterFailure() throws {
        let encoder = JSONValueEncoder()
        let failing = Custom { encoder in
            var object = encoder.object()
            let late = object.superEncoder()
            try object.encode([1, 2, 3], forKey: "list")
            try [4].encode(to: late)
            throw Failure()
        }
        for _ in 0..<3 {
            #expect(throws: Failure.self) { try encoder.encode([failing]) }
            #expect(try encoder.text(of: [1]) == "[1]")
        }
    }

    @Test("An element whose error is caught leaves no output")
    func caughtErrors() throws {
        let failing = Custom { encoder in
            var object = encoder.object()
            try object.encode("half", forKey: "done")
            var list = object.nestedUnkeyedContainer(forKey: "open")
            try list.encode(1)
            throw Failure()
        }
        let value = Custom { encoder in
            var object = encoder.object()
            try? object.encode(failing, forKey: "first")
            try? object.encode(Double.nan, forKey: "second")
            var list = object.nestedUnkeyedContainer(forKey: "list")
            try? list.encode(failing)
            try? list.encode(Float.infinity)
            #expect(list.count == 0)
            try list.encode(1)
            try? list.encode([failing])
            try list.encode(2)
            var single = list.superEncoder().singleValueContainer()
            try? single.encode(failing)
            try? single.encode(Double.nan)
            try single.encode("third time")
        }
        #expect(try json(value) == #"{"list":[1,2,"third time"]}"#)
    }

    @Test("An element that failed after writing to another container fails the whole value")
    func failureThatCannotBeTakenBack() {
        let value = Custom { encoder in
            var object = encoder.object()
            let outside = object
            let failing = Custom { inner in
                var own = inner.object()
                try own.encode(1, forKey: "own")
                var copy = outside
                try copy.encode(2, forKey: "outside")
                throw Failure()
            }
            try? object.encode(failing, forKey: "inside")
            try object.encode(3, forKey: "end")
        }
        #expect(throws: Failure.self) { try json(value) }
    }

    final class Chain: Encodable {
        let next: Chain?

        init(length: Int) {
            next = length > 1 ? Chain(length: length - 1) : nil
        }
    }

    @Test("Values can be nested 512 deep and no deeper")
    func depth() throws {
        let limit = JSONValueEncoder.maximumDepth
        let text = try json(Chain(length: limit))
        #expect(text == String(repeating: #"{"next":"#, count: limit - 1) + "{" + String(repeating: "}", count: limit))
        let error = #expect(throws: EncodingError.self) { try json(Chain(length: limit + 1)) }
        guard case .invalidValue(_, let context) = error else {
            Issue.record("another error")
            return
        }
        #expect(context.codingPath.count == limit)
    }

    @Test("A value that contains itself as a single value fails too")
    func endlessSingleValue() {
        struct Endless: Encodable {
            func encode(to encoder: any Encoder) throws {
                var container = encoder.singleValueContainer()
                try container.encode(Endless())
            }
        }
        #expect(throws: EncodingError.self) { try json([Endless()]) }
    }
}
