import CLockFree

/// The product's queue, owned, and used by one thread.
@safe final class Queue {
    private let queue: OpaquePointer

    /// nil: the capacity is out of range.
    init?(capacity: Int) {
        guard let queue = unsafe hs_queue_create(capacity) else { return nil }
        unsafe self.queue = queue
    }

    deinit {
        // This object is the only owner of the pointer.
        unsafe hs_queue_destroy(queue, nil)
    }

    // Safe: the pointer is valid from `init` to `deinit`, which is all that the functions require.

    var count: Int { unsafe hs_queue_count(queue) }

    var capacity: Int { unsafe hs_queue_capacity(queue) }

    func push(_ value: UInt) -> Bool { unsafe hs_queue_push(queue, value) }

    func pop() -> UInt? {
        var value: UInt = 0
        return unsafe hs_queue_pop(queue, &value) ? value : nil
    }
}
