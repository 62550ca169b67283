public import CLockFree

/// A bounded first-in, first-out queue of words for any number of producers and consumers: `hs_queue`, whose header
/// says what it costs and why it is right.
@safe
public struct MPMCQueue: ~Copyable, @unchecked Sendable {
    // `@unchecked Sendable`: the C structure is made to be shared, and lives as long as this value, its only owner.
    @usableFromInline let queue: OpaquePointer

    /// Creates a queue for at most `capacity` words, from 1 to 16,777,216. Takes all of its memory at once.
    package init(capacity: Int) {
        precondition((1...1 << 24).contains(capacity), "a queue can't hold \(capacity) words")
        unsafe queue = hs_queue_create(capacity).orOutOfMemory()
    }

    /// Words that are left are forgotten.
    deinit { unsafe hs_queue_destroy(queue, nil) }

    /// Adds a word. False: full. What was written before is visible to whoever pops the word, and no fence is needed
    /// before a following look at the sleepers of a `Parking`.
    @inlinable package func push(_ word: UInt) -> Bool { unsafe hs_queue_push(queue, word) }

    /// Takes the oldest word; `nil`: empty.
    @inlinable package func pop() -> UInt? {
        var word: UInt = 0
        // The address is valid for the call.
        return unsafe hs_queue_pop(queue, &word) ? word : nil
    }

    /// How many words are queued: exact when nobody else uses the queue, else a recent figure.
    @inlinable package var count: Int { unsafe hs_queue_count(queue) }

    /// Whether a `pop` would have found nothing. Sequentially consistent: a push that comes before this in the one
    /// order of such accesses is seen.
    @inlinable package var isEmpty: Bool { unsafe hs_queue_is_empty(queue) }
}

extension Optional where Wrapped == OpaquePointer {
    /// The structure that C made; without memory for it the program ends, as it does when Swift itself has none.
    func orOutOfMemory() -> OpaquePointer {
        guard let structure = self else { fatalError("out of memory") }
        return unsafe structure
    }
}
