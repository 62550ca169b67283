/// A fixed number of values, which may be noncopyable, in separate memory. They are borrowed in place.
@safe
public struct FixedArray<Element: ~Copyable>: ~Copyable {
    @usableFromInline let base: UnsafeMutablePointer<Element>
    /// The number of values.
    @usableFromInline package let count: Int

    /// Creates `count` values by calling `make` with each index.
    @inlinable package init(count: Int, _ make: (Int) -> Element) {
        self.count = count
        unsafe base = .allocate(capacity: count)
        for index in 0..<count { unsafe (base + index).initialize(to: make(index)) }
    }

    deinit {
        unsafe base.deinitialize(count: count)
        unsafe base.deallocate()
    }

    @inlinable package subscript(index: Int) -> Element {
        unsafeAddress {
            precondition(index >= 0 && index < count, "an index must be below the number of values")
            return unsafe UnsafePointer(base + index)
        }
    }
}

// `@unchecked Sendable`: the memory is owned by this value alone, and nothing changes the pointer.
extension FixedArray: @unchecked Sendable where Element: Sendable & ~Copyable {}
