import JSON
import Testing

@Suite("JSON of classes and their superclasses")
struct JSONSuperclassTests {
    class Animal: Encodable {
        let name = "Rex"
        let legs = 4
    }

    /// Keeps its superclass under a key of its own.
    final class Dog: Animal {
        enum Key: CodingKey {
            case barks, age
        }

        override func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(true, forKey: .barks)
            try super.encode(to: container.superEncoder())
            try container.encode(3, forKey: .age)
        }
    }

    /// Lets its superclass write into the same object.
    final class Cat: Animal {
        enum Key: CodingKey {
            case purrs, age
        }

        override func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(true, forKey: .purrs)
            try super.encode(to: encoder)
            try container.encode(3, forKey: .age)
        }
    }

    /// Creates the superclass's encoder first and uses it last.
    final class Fish: Animal {
        enum Key: CodingKey {
            case parent, wet
        }

        override func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            let parent = container.superEncoder(forKey: .parent)
            try container.encode(true, forKey: .wet)
            try super.encode(to: parent)
        }
    }

    @Test("A superclass under the key super, in the same object, and with an encoder that is used last")
    func superclasses() throws {
        #expect(try json(Dog()) == #"{"barks":true,"super":{"name":"Rex","legs":4},"age":3}"#)
        #expect(try json(Cat()) == #"{"purrs":true,"name":"Rex","legs":4,"age":3}"#)
        #expect(try json(Fish()) == #"{"parent":{"name":"Rex","legs":4},"wet":true}"#)
        #expect(
            try json([Fish(), Fish()])
                == #"[{"parent":{"name":"Rex","legs":4},"wet":true},{"parent":{"name":"Rex","legs":4},"wet":true}]"#)
    }

    @Test("A superclass's encoder in an array, and one that is never used")
    func placesInArrays() throws {
        let value = Custom { encoder in
            var list = encoder.unkeyedContainer()
            let first = list.superEncoder()
            let second = list.superEncoder()
            try list.encode(3)
            _ = list.superEncoder()
            try 2.encode(to: second)
            try Animal().encode(to: first)
            #expect(list.count == 4)
        }
        #expect(try json(value) == #"[{"name":"Rex","legs":4},2,3,{}]"#)
    }
}
