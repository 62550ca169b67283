/// What makes containers for the types of keys that were used lately.
///
/// A type of keys is only known when the program runs. For the runtime to find the type of container that goes with it,
/// and what the container's conformance is, takes longer than to write a member. So it is found once for each.
struct JSONContainerMakers {
    private struct Entry {
        let keys: ObjectIdentifier
        /// A `JSONContainerMaker` for these keys.
        let maker: AnyObject
    }

    private static let entryCount = 16

    /// Every type of keys has one place, and the last one of a place stands there.
    private var entries = ContiguousArray<Entry?>(repeating: nil, count: entryCount)

    mutating func container<Key: CodingKey>(
        of element: JSONElement, keyedBy keys: Key.Type
    ) -> KeyedEncodingContainer<Key> {
        let keys = ObjectIdentifier(keys)
        // Addresses of types are multiples of eight, and often of sixteen.
        let place = Int(UInt(bitPattern: keys) / 16 % UInt(Self.entryCount))
        if let entry = entries[place], entry.keys == keys {
            // Made below, for the same keys.
            return unsafe unsafeDowncast(entry.maker, to: JSONContainerMaker<Key>.self).container(of: element)
        }
        let maker = JSONObjectContainerMaker<JSONObjectContainer<Key>>()
        entries[place] = Entry(keys: keys, maker: maker)
        return maker.container(of: element)
    }
}

/// Makes containers for one type of keys.
private class JSONContainerMaker<Key: CodingKey> {
    func container(of element: JSONElement) -> KeyedEncodingContainer<Key> {
        preconditionFailure("the subclass does it")
    }
}

/// Knows the type of container, which `Key` alone would have to be asked for.
private final class JSONObjectContainerMaker<Container: JSONMembersContainer>: JSONContainerMaker<Container.Key> {
    override func container(of element: JSONElement) -> KeyedEncodingContainer<Container.Key> {
        KeyedEncodingContainer(Container(element: element))
    }
}

private protocol JSONMembersContainer: KeyedEncodingContainerProtocol {
    init(element: JSONElement)
}

extension JSONObjectContainer: JSONMembersContainer {}
