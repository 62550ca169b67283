import CLockFree

/// The product's deque, owned, and used by one thread.
@safe final class Deque {
    private let deque: OpaquePointer

    /// nil: the capacity is out of range.
    init?(capacity: Int) {
        guard let deque = unsafe hs_deque_create(capacity) else { return nil }
        unsafe self.deque = deque
    }

    deinit {
        // This object is the only owner of the pointer.
        unsafe hs_deque_destroy(deque, nil)
    }

    // Safe: the pointer is valid from `init` to `deinit`; owner and thief are the same thread here.

    var count: Int { unsafe hs_deque_count(deque) }

    func push(_ value: UInt) -> Bool { unsafe hs_deque_push(deque, value) }

    func pop() -> UInt? {
        var value: UInt = 0
        return unsafe hs_deque_pop(deque, &value) ? value : nil
    }

    func steal() -> UInt? {
        var value: UInt = 0
        return unsafe hs_deque_steal(deque, &value) == HS_STEAL_SUCCESS ? value : nil
    }
}
