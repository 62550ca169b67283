public import CLockFree

/// The owner's end of a work-stealing deque of words: `hs_deque`, whose header says what it costs and why it is right.
///
/// There is one owner, and it is used by one thread at a time: it can't be copied, and isn't `Sendable`. What passes it
/// from one thread to another must order their uses. Others take words through a `DequeThief`.
@safe
public struct DequeOwner: ~Copyable {
    @usableFromInline let deque: OpaquePointer
    /// Keeps `deque`.
    private let memory: DequeMemory

    /// Creates a deque for at most `capacity` words, a power of two up to 16,777,216. Takes all of its memory at once.
    package init(capacity: Int) {
        memory = DequeMemory(capacity: capacity)
        unsafe deque = memory.deque
    }

    /// Adds a word at the owner's end. False: full. What was written before is visible to whoever takes the word.
    ///
    /// A sequentially consistent fence is needed before a following look at the sleepers of a `Parking`.
    @inlinable package func push(_ word: UInt) -> Bool { unsafe hs_deque_push(deque, word) }

    /// Takes the newest word; `nil`: empty.
    @inlinable package func pop() -> UInt? {
        var word: UInt = 0
        // The address is valid for the call.
        return unsafe hs_deque_pop(deque, &word) ? word : nil
    }

    /// Another thief's end.
    package func makeThief() -> DequeThief { DequeThief(memory) }
}

@available(*, unavailable, message: "the owner's end belongs to one thread at a time")
extension DequeOwner: Sendable {}

/// A thief's end of a work-stealing deque; any thread. It keeps the deque's memory, and may outlive the owner.
///
/// It can't be copied, so that no use of it counts references, which all thieves would share: `makeThief` makes others.
@safe
public struct DequeThief: ~Copyable, @unchecked Sendable {
    // `@unchecked Sendable`: the C structure is made for any number of thieves, and `memory` keeps it.
    @usableFromInline let deque: OpaquePointer
    private let memory: DequeMemory

    fileprivate init(_ memory: DequeMemory) {
        self.memory = memory
        unsafe deque = memory.deque
    }

    /// Takes the oldest word; `nil`: there was a moment in this call at which the deque was empty.
    ///
    /// Lock-free: it tries again only after another thread has taken a word.
    @inlinable package func steal() -> UInt? {
        var word: UInt = 0
        while true {
            // The address is valid for the call.
            let result = unsafe hs_deque_steal(deque, &word)
            if result == HS_STEAL_SUCCESS { return word }
            if result == HS_STEAL_EMPTY { return nil }
        }
    }

    /// How many words are in the deque: a recent figure.
    @inlinable package var count: Int { unsafe hs_deque_count(deque) }

    /// Another thief's end.
    package func makeThief() -> DequeThief { DequeThief(memory) }
}

/// The structure that both ends share, freed with the last of them. Words that are left are forgotten.
@safe
private final class DequeMemory {
    let deque: OpaquePointer

    init(capacity: Int) {
        precondition(
            (1...1 << 24).contains(capacity) && capacity.nonzeroBitCount == 1,
            "a deque can't hold \(capacity) words")
        unsafe deque = hs_deque_create(capacity).orOutOfMemory()
    }

    deinit { unsafe hs_deque_destroy(deque, nil) }
}
