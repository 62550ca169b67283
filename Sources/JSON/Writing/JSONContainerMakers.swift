/// The makers of containers for the key types that were used last.
///
/// A key type is known only at run time. It takes longer for the runtime to find the container type for it and its
/// conformance than to write a member, so both are looked up once for each key type.
struct JSONContainerMakers {
    private struct Entry {
        let keys: ObjectIdentifier
        /// A `JSONContainerMaker` for these keys.
        let maker: AnyObject
    }

    private static let entryCount = 16

    /// Each key type has one slot, which holds the key type that used it last.
    private var entries = ContiguousArray<Entry?>(repeating: nil, count: entryCount)

    mutating func container<Key: CodingKey>(
        of element: JSONElement, keyedBy keys: Key.Type
    ) -> KeyedEncodingContainer<Key> {
        let keys = ObjectIdentifier(keys)
        // Addresses of types are multiples of eight, and often of sixteen.
        let slot = Int(UInt(bitPattern: keys) / 16 % UInt(Self.entryCount))
        if let entry = entries[slot], entry.keys == keys {
            // Created below, for the same keys.
            return unsafe unsafeDowncast(entry.maker, to: JSONContainerMaker<Key>.self).container(of: element)
        }
        let maker = JSONObjectContainerMaker<JSONObjectContainer<Key>>()
        entries[slot] = Entry(keys: keys, maker: maker)
        return maker.container(of: element)
    }
}

/// Makes containers for one key type.
private class JSONContainerMaker<Key: CodingKey> {
    func container(of element: JSONElement) -> KeyedEncodingContainer<Key> {
        preconditionFailure("the subclass overrides it")
    }
}

/// The maker for `Key`, with its container type resolved.
private final class JSONObjectContainerMaker<Container: JSONMembersContainer>: JSONContainerMaker<Container.Key> {
    override func container(of element: JSONElement) -> KeyedEncodingContainer<Container.Key> {
        KeyedEncodingContainer(Container(element: element))
    }
}

private protocol JSONMembersContainer: KeyedEncodingContainerProtocol {
    init(element: JSONElement)
}

extension JSONObjectContainer: JSONMembersContainer {}
