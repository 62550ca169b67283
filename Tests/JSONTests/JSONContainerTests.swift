import JSON
import TestSupport
import Testing

@Suite("JSON containers in any order")
struct JSONContainerTests {
    @Test("Nested containers that are written one after the other")
    func nested() throws {
        let value = Custom { encoder in
            var object = encoder.object()
            var list = object.nestedUnkeyedContainer(forKey: "list")
            try list.encode(1)
            var inner = list.nestedContainer(keyedBy: AnyKey.self)
            try inner.encode("x", forKey: "y")
            var lists = list.nestedUnkeyedContainer()
            try lists.encodeNil()
            try object.encodeNil(forKey: "end")
        }
        #expect(try json(value) == #"{"list":[1,{"y":"x"},[null]],"end":null}"#)
    }

    @Test("Containers that are written to alternately")
    func interleaved() throws {
        let value = Custom { encoder in
            var object = encoder.object()
            var first = object.nestedUnkeyedContainer(forKey: "first")
            var second = object.nestedUnkeyedContainer(forKey: "second")
            for number in 0..<3 {
                try first.encode(number)
                try second.encode([number, number])
                try object.encode(number, forKey: AnyKey(stringValue: "key \(number)"))
            }
            #expect(first.count == 3)
        }
        #expect(
            try json(value)
                == #"{"first":[0,1,2],"second":[[0,0],[1,1],[2,2]],"key 0":0,"key 1":1,"key 2":2}"#)
    }

    @Test("An empty last container, one that is filled after all others, and one inside that")
    func late() throws {
        let value = Custom { encoder in
            var list = encoder.unkeyedContainer()
            var early = list.nestedContainer(keyedBy: AnyKey.self)
            _ = list.nestedUnkeyedContainer()
            try list.encode("end")
            var inner = early.nestedUnkeyedContainer(forKey: "inner")
            try early.encode(1, forKey: "one")
            try inner.encode(2)
            try list.encode("after")
            try inner.encode(3)
            try early.encode(4, forKey: "four")
        }
        #expect(try json(value) == #"[{"inner":[2,3],"one":1,"four":4},[],"end","after"]"#)
    }

    @Test("A value that creates its container twice gets the same one")
    func sameContainer() throws {
        let value = Custom { encoder in
            var first = encoder.object()
            var second = encoder.object()
            try first.encode(1, forKey: "a")
            try second.encode(2, forKey: "b")
            try first.encode(3, forKey: "c")
        }
        #expect(try json(value) == #"{"a":1,"b":2,"c":3}"#)
        #expect(try json([value, value]) == #"[{"a":1,"b":2,"c":3},{"a":1,"b":2,"c":3}]"#)
    }

    @Test("Single values that are other values, and values that encode nothing")
    func singleValues() throws {
        let nothing = Custom { _ in }
        let wrapper = Custom { encoder in
            var container = encoder.singleValueContainer()
            try container.encode(["a": nothing])
        }
        let twice = Custom { encoder in
            var container = encoder.singleValueContainer()
            try container.encode(wrapper)
        }
        let empty = Custom { encoder in
            var container = encoder.singleValueContainer()
            try container.encode(nothing)
        }
        #expect(try json(twice) == #"{"a":{}}"#)
        #expect(try json([empty, nothing]) == "[{},{}]")
        #expect(try json([Custom { _ = $0.unkeyedContainer() }, Custom { _ = $0.object() }]) == "[[],{}]")
    }

    @Test("Coding paths locate a value")
    func codingPaths() throws {
        var paths: [String] = []
        let note = { (path: [any CodingKey]) in paths.append(path.map(\.stringValue).joined(separator: ".")) }
        let value = Custom { encoder in
            note(encoder.codingPath)
            var object = encoder.object()
            var list = object.nestedUnkeyedContainer(forKey: "list")
            try list.encode(0)
            let inner = list.nestedContainer(keyedBy: AnyKey.self)
            note(inner.codingPath)
            note(object.superEncoder().codingPath)
            try object.encode(
                [Custom { note($0.codingPath) }, Custom { note($0.singleValueContainer().codingPath) }], forKey: "key")
        }
        _ = try json(value)
        #expect(paths == ["", "list.Index 1", "super", "key.Index 0", "key.Index 1"])
    }

    @Test("A value that writes to its enclosing container causes no damage")
    func reachingOut() throws {
        let value = Custom { encoder in
            var object = encoder.object()
            let outside = object
            let reaching = Custom { inner in
                var own = inner.object()
                try own.encode(1, forKey: "before")
                var copy = outside
                try copy.encode(2, forKey: "outside")
                try own.encode(3, forKey: "after")
            }
            try object.encode(reaching, forKey: "inside")
            try object.encode(4, forKey: "end")
        }
        #expect(try json(value) == #"{"inside":{"before":1,"after":3},"outside":2,"end":4}"#)
    }
}
