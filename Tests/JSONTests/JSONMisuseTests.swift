import JSON
import TestSupport
import Testing

@Suite("JSON encoding of types that break the rules of encode(to:)")
struct JSONMisuseTests {
    /// A value whose type appears in errors.
    private struct Faulty: Encodable {
        let body: (any Encoder) throws -> Void

        func encode(to encoder: any Encoder) throws { try body(encoder) }
    }

    /// Keeps an encoder or a container beyond its value.
    private final class Kept<Value> {
        var value: Value?
    }

    private static func single(_ encoder: any Encoder, _ value: some Encodable) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }

    private static func null(_ encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encodeNil()
    }

    private static func member(_ encoder: any Encoder) throws {
        var container = encoder.object()
        try container.encode(1, forKey: "a")
    }

    private static func nested(_ encoder: any Encoder) {
        var container = encoder.object()
        _ = container.superEncoder()
    }

    private static func element(_ encoder: any Encoder) throws {
        var container = encoder.unkeyedContainer()
        try container.encode(1)
    }

    // The kind is that of the container that is left, 0 for none.
    private static let steps: [(name: String, kind: Int, step: @Sendable (any Encoder) throws -> Void)] = [
        ("a number", 0, { try single($0, 1) }), ("an array as a value", 2, { try single($0, [1]) }),
        ("null", 0, { try null($0) }), ("a member", 1, { try member($0) }), ("an element", 2, { try element($0) }),
        ("nested members", 1, { nested($0) }),
    ]

    @Test("Two values in one place are an error that names the type and its place", arguments: 0..<6, 0..<6)
    func twice(first: Int, second: Int) throws {
        let (first, second) = (Self.steps[first], Self.steps[second])
        let value = Faulty { encoder in
            try first.step(encoder)
            try second.step(encoder)
        }
        // A value may ask for the same container twice, also for one that its single value has created.
        if first.kind == second.kind, first.kind > 0, second.name != "an array as a value" {
            _ = try json(["key": [value]])
            return
        }
        let error = #expect(throws: EncodingError.self) { try json(["key": [value]]) }
        guard case .invalidValue(_, let context) = error else {
            Issue.record("another error")
            return
        }
        #expect(context.codingPath.map(\.stringValue) == ["key", "Index 0"])
        #expect(throws: EncodingError.self) { try json(value) }
        if second.name != "nested members" {
            #expect(context.debugDescription.contains("Faulty"))
        }
    }

    @Test("A second value whose error is caught changes nothing")
    func caught() throws {
        let value = Faulty { encoder in
            try Self.single(encoder, 1)
            try? Self.single(encoder, 2)
            try? Self.null(encoder)
            try? Self.single(encoder, [3])
        }
        #expect(try json([value, value]) == "[1,1]")
    }

    @Test("A container that can't be created fails the whole value, although its creation can't throw")
    func unusableContainer() throws {
        for isObject in [true, false] {
            let value = Faulty { encoder in
                try Self.single(encoder, 1)
                if isObject { _ = encoder.object() } else { _ = encoder.unkeyedContainer() }
            }
            #expect(throws: EncodingError.self) { try json([value]) }
            let caught = Faulty { encoder in
                try Self.single(encoder, 1)
                var object = encoder.object()
                try? object.encode(1, forKey: "a")
                var list = object.nestedUnkeyedContainer(forKey: "b")
                try? list.encode(2)
                #expect(list.count == 0 && list.codingPath.isEmpty)
                try? 3.encode(to: list.superEncoder())
            }
            #expect(throws: EncodingError.self) { try json([caught]) }
        }
    }

    @Test("What was kept of a value writes nothing afterwards", arguments: [true, false])
    func keptContainers(onThread: Bool) throws {
        let encoder = JSONValueEncoder()
        let text = { (value: any Encodable) in
            onThread ? String(decoding: try JSON.encode(value), as: UTF8.self) : try encoder.text(of: value)
        }
        let kept = Kept<any Encoder>()
        let object = Kept<KeyedEncodingContainer<AnyKey>>()
        let list = Kept<any UnkeyedEncodingContainer>()
        #expect(try text([Faulty { kept.value = $0 }]) == "[{}]")
        #expect(try text([Faulty { object.value = $0.object() }]) == "[{}]")
        #expect(try text([Faulty { list.value = $0.unkeyedContainer() }]) == "[[]]")
        let uses: [() throws -> Void] = [
            { try Self.single(try #require(kept.value), 1) }, { try Self.null(try #require(kept.value)) },
            { try Self.member(try #require(kept.value)) }, { try Self.element(try #require(kept.value)) },
            { try object.value?.encode(1, forKey: "late") }, { try object.value?.encode("1", forKey: "late") },
            { try object.value?.encode([1], forKey: "late") }, { try object.value?.encode(1.5, forKey: "late") },
            { try object.value?.encodeNil(forKey: "late") }, { try list.value?.encode(1) },
            { try list.value?.encode([1]) }, { try list.value?.encodeNil() },
            {
                let encoder = object.value?.superEncoder()
                try 1.encode(to: try #require(encoder))
            },
            {
                let encoder = list.value?.superEncoder()
                try 1.encode(to: try #require(encoder))
            },
            {
                var nested = list.value?.nestedContainer(keyedBy: AnyKey.self)
                try nested?.encode(1, forKey: "late")
            },
            {
                var nested = object.value?.nestedUnkeyedContainer(forKey: "late")
                try nested?.encode(1)
            },
        ]
        for use in uses {
            #expect(throws: EncodingError.self) { try use() }
            let other = Faulty { encoder in
                var container = encoder.unkeyedContainer()
                try container.encode("before")
                let error = #expect(throws: EncodingError.self) { try use() }
                #expect("\(error as Any)".contains("after the encode(to:)"))
                try container.encode("after")
                try container.encode(Faulty { _ in try? use() })
            }
            #expect(try text([other]) == #"[["before","after",{}]]"#)
        }
        #expect(list.value?.count == 0)
        #expect(list.value?.codingPath.isEmpty ?? false)
        #expect(object.value?.codingPath.isEmpty ?? false)
    }

    @Test("An error of late use names the type whose encode(to:) it is")
    func lateUseInside() throws {
        let kept = Kept<any Encoder>()
        _ = try json([Custom { kept.value = $0 }])
        let encoder = try #require(kept.value)
        let error = #expect(throws: EncodingError.self) { try json([Faulty { _ in try Self.single(encoder, 1) }]) }
        #expect("\(error as Any)".contains("Faulty"))
    }

    @Test("A container of a value that failed does not write into the value that replaces it")
    func replaced() throws {
        let kept = Kept<KeyedEncodingContainer<AnyKey>>()
        let failing = Custom { encoder in
            kept.value = encoder.object()
            throw Failure()
        }
        for replacement in ["number", "list", "nothing"] {
            let value = Custom { encoder in
                var container = encoder.singleValueContainer()
                try? container.encode(failing)
                #expect(throws: EncodingError.self) { try kept.value?.encode(1, forKey: "late") }
                switch replacement {
                case "number": try container.encode(1)
                case "list": try Self.element(encoder)
                default: break
                }
                #expect(throws: EncodingError.self) { try kept.value?.encode(1, forKey: "late") }
            }
            #expect(try json([value]) == ["number": "[1]", "list": "[[1]]", "nothing": "[{}]"][replacement])
        }
    }

    @Test(
        "An element that fails after it has used its container leaves nothing behind", arguments: 0...2, [false, true])
    func failedElement(before: Int, isReopened: Bool) throws {
        let value = Custom { encoder in
            var outer = encoder.unkeyedContainer()
            var list = outer.nestedUnkeyedContainer()
            for _ in 0..<before { _ = list.superEncoder() }
            if isReopened { try outer.encode("after") }
            let copy = list
            let failing = Custom { _ in
                var copy = copy
                try copy.encode(Double.nan)
            }
            #expect(throws: EncodingError.self) { try list.encode(failing) }
            try list.encode("next")
            try list.encode(Custom { _ in try? failing.encode(to: encoder) })
        }
        let list = [String](repeating: "{}", count: before) + [#""next""#, "{}"]
        #expect(try json([value]) == "[[[\(list.joined(separator: ","))]\(isReopened ? #","after""# : "")]]")
    }

    @Test("An element that fails inside another one leaves the other one")
    func failedInside() throws {
        let value = Custom { encoder in
            var list = encoder.unkeyedContainer()
            let copy = list
            try list.encode(
                Custom { _ in
                    var copy = copy
                    try? copy.encode(Custom { _ in throw Failure() })
                    try? copy.encode(Double.nan)
                })
            try list.encode("next")
        }
        #expect(try json([value]) == #"[[{},"next"]]"#)
    }

    @Test("A value that fails after its encoder has made a container is replaced by the next one")
    func failedValue() throws {
        let value = Custom { encoder in
            var container = encoder.singleValueContainer()
            let failing = Custom { encoder in
                var list = encoder.unkeyedContainer()
                let late = list.superEncoder()
                try list.encode(1)
                try 2.encode(to: late)
                throw Failure()
            }
            #expect(throws: Failure.self) { try container.encode(failing) }
            try container.encode("next")
        }
        #expect(try json([value]) == #"["next"]"#)
    }
}
