public import CLockFree

/// A bounded first-in, first-out queue of words for any number of producers and consumers: `hs_queue`. Its header
/// documents cost and correctness.
@safe
public struct MPMCQueue: ~Copyable, @unchecked Sendable {
    // `@unchecked Sendable`: the C structure is made to be shared, and lives as long as this value, its only owner.
    @usableFromInline let queue: OpaquePointer

    /// Creates a queue for at most `capacity` words, from 1 to 16,777,216. Allocates all memory at once.
    package init(capacity: Int) {
        precondition((1...1 << 24).contains(capacity), "a queue's capacity can't be \(capacity)")
        unsafe queue = hs_queue_create(capacity).orOutOfMemory()
    }

    /// Drops remaining words.
    deinit { unsafe hs_queue_destroy(queue, nil) }

    /// Adds a word. Returns false if the queue is full. Writes before the call are visible to the thread that pops the
    /// word, and no fence is needed before the sleepers of a `Parking` are read.
    @inlinable package func push(_ word: UInt) -> Bool { unsafe hs_queue_push(queue, word) }

    /// Takes the oldest word; `nil` if the queue is empty.
    @inlinable package func pop() -> UInt? {
        var word: UInt = 0
        // The address is valid for the call.
        return unsafe hs_queue_pop(queue, &word) ? word : nil
    }

    /// The number of words in the queue: exact if no other thread uses it, otherwise a recent value.
    @inlinable package var count: Int { unsafe hs_queue_count(queue) }

    /// Whether the queue is empty. Sequentially consistent: a push that comes before this in the one
    /// order of such accesses is seen.
    @inlinable package var isEmpty: Bool { unsafe hs_queue_is_empty(queue) }
}

extension Optional where Wrapped == OpaquePointer {
    /// Returns the structure that C allocated; ends the process if there was no memory, as Swift itself does.
    func orOutOfMemory() -> OpaquePointer {
        guard let structure = self else { fatalError("out of memory") }
        return unsafe structure
    }
}
