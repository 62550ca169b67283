import JSON
import TestSupport
import Testing

@Suite("JSON of ordinary types")
struct JSONValueTests {
    struct Message: Encodable {
        var message: String
        var time: Int
    }

    struct Everything: Encodable {
        var flag = true
        var text: String? = "t"
        var missing: Int?
        var numbers: [Double] = [1, 2.5]
        var empty: [Int] = []
        var inner = Message(message: "m", time: 1)
        var list = [Message(message: "a", time: 2), Message(message: "b", time: 3)]
        var nothing: [String: Int] = [:]
        var nested: [[String]] = [["a"], [], ["b", "c"]]
    }

    @Test("A struct is an object with its keys in the order of encoding")
    func structs() throws {
        #expect(try json(Message(message: "Hello", time: 7)) == #"{"message":"Hello","time":7}"#)
        #expect(
            try json(Everything()) == ##"""
                {"flag":true,"text":"t","numbers":[1,2.5],"empty":[],"inner":{"message":"m","time":1},\##
                "list":[{"message":"a","time":2},{"message":"b","time":3}],"nothing":{},"nested":[["a"],[],["b","c"]]}
                """##)
    }

    @Test("Dictionaries with keys of type String, Int or RawRepresentable are objects, others are arrays")
    func dictionaries() throws {
        #expect(try json(["a": 1]) == #"{"a":1}"#)
        #expect(try json([1: "a"]) == #"{"1":"a"}"#)
        #expect(try json([Kind.small: [1]]) == #"{"small":[1]}"#)
        #expect(try json([true: 1]) == "[true,1]")
        let many = Dictionary(uniqueKeysWithValues: (0..<100).map { ("key \($0)", $0) })
        let tree = try #require(JSONTree(try json(many)))
        for (key, value) in many { #expect(tree[key] == .number("\(value)")) }
    }

    @Test("Keys are escaped like strings")
    func keys() throws {
        #expect(try json(["\"\n": "\\"]) == #"{"\"\n":"\\"}"#)
    }

    enum Kind: String, Encodable, CodingKeyRepresentable {
        case small, large
    }

    enum Shape: Encodable {
        case point
        case circle(radius: Double)
        case box(Int, Int)
        case group([Shape])
    }

    @Test("Enums with raw values are encoded as those, enums with associated values as objects with one key")
    func enums() throws {
        #expect(try json([Kind.small, .large]) == #"["small","large"]"#)
        #expect(
            try json([Shape.point, .circle(radius: 1.5), .box(1, 2), .group([.point, .box(3, 4)])])
                == #"[{"point":{}},{"circle":{"radius":1.5}},{"box":{"_0":1,"_1":2}},"#
                + #"{"group":{"_0":[{"point":{}},{"box":{"_0":3,"_1":4}}]}}]"#)
    }

    @propertyWrapper
    struct Doubled: Encodable {
        var wrappedValue: Int

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encode(wrappedValue * 2)
        }
    }

    @propertyWrapper
    struct Boxed<Value: Encodable>: Encodable {
        var wrappedValue: Value
    }

    struct Wrapped: Encodable {
        @Doubled var two = 1
        @Boxed var message = Message(message: "m", time: 1)
    }

    @Test("Property wrappers use their own encoding")
    func propertyWrappers() throws {
        #expect(
            try json(Wrapped()) == #"{"two":2,"message":{"wrappedValue":{"message":"m","time":1}}}"#)
    }

    @Test("An encoder can be used again, and while it is in use")
    func reuse() throws {
        let encoder = JSONValueEncoder()
        #expect(try encoder.text(of: Message(message: "a", time: 1)) == #"{"message":"a","time":1}"#)
        #expect(try encoder.text(of: [1, 2]) == "[1,2]")
        let reentrant = Custom { outer in
            var container = outer.singleValueContainer()
            try container.encode(try encoder.text(of: [Message(message: "b", time: 2)]))
        }
        #expect(try encoder.text(of: [reentrant]) == ##"["[{\"message\":\"b\",\"time\":2}]"]"##)
    }

    @Test("A document does not change when the encoder writes others of any length")
    func keptDocuments() throws {
        let encoder = JSONValueEncoder()
        let texts = (0..<200).map { String(repeating: "x", count: $0 * 7919 % 20_011) }
        let kept = try texts.map { try encoder.encode($0) }
        // Each of these but the first reuses the memory of the one before.
        for text in texts { #expect(try encoder.text(of: text) == "\"\(text)\"") }
        for (document, text) in zip(kept, texts) {
            #expect(String(decoding: document, as: UTF8.self) == "\"\(text)\"")
            #expect(document.capacity <= 4 * document.count + 64)
        }
    }

    @Test("Values are encoded within each other, with different keys, and on several threads at a time")
    func threads() async throws {
        struct Nested: Encodable {
            let depth: Int

            func encode(to encoder: any Encoder) throws {
                var object = encoder.object()
                try object.encode(depth, forKey: "depth")
                let text = depth > 0 ? try JSON.encode(Nested(depth: depth - 1)) : []
                try object.encode(String(decoding: text, as: UTF8.self).utf8.count, forKey: "inner")
                try object.encode(Message(message: "m", time: depth), forKey: "message")
            }
        }
        let text = #"{"depth":1,"inner":56,"message":{"message":"m","time":1}}"#
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    try (0..<100).allSatisfy { _ in
                        try String(decoding: JSON.encode(Nested(depth: 1)), as: UTF8.self) == text
                    }
                }
            }
            for try await isSame in group { #expect(isSame) }
        }
    }

    @Test("Ten thousand elements, and an object of a thousand members")
    func large() throws {
        let list = (0..<10_000).map { Message(message: "number \($0)", time: $0) }
        guard case .array(let elements) = JSONTree(try json(list)) else {
            Issue.record("not an array")
            return
        }
        #expect(elements.count == list.count)
        #expect(elements[9_999]["time"] == .number("9999"))
    }
}
