/// A fixed number of values that need not be copyable, in memory of their own. They are borrowed in place.
@safe
public struct FixedArray<Element: ~Copyable>: ~Copyable {
    @usableFromInline let base: UnsafeMutablePointer<Element>
    /// How many values there are.
    @usableFromInline package let count: Int

    /// Creates `count` values, each from its index.
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
            precondition(index >= 0 && index < count, "there is no such value")
            return unsafe UnsafePointer(base + index)
        }
    }
}

// `@unchecked Sendable`: the memory is owned by this value alone, and nothing changes the pointer.
extension FixedArray: @unchecked Sendable where Element: Sendable & ~Copyable {}
