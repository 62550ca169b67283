public import CLockFree

/// The owner's end of a work-stealing deque of words: `hs_deque`. Its header documents cost and correctness.
///
/// There is one owner, used by one thread at a time: it can't be copied, and isn't `Sendable`. Passing it from one
/// thread to another must order their uses. Others take words through a `DequeThief`.
@safe
public struct DequeOwner: ~Copyable {
    @usableFromInline let deque: OpaquePointer
    /// Retains the memory of `deque`.
    private let memory: DequeMemory

    /// Creates a deque for at most `capacity` words, a power of two up to 16,777,216. Allocates all memory at once.
    package init(capacity: Int) {
        memory = DequeMemory(capacity: capacity)
        unsafe deque = memory.deque
    }

    /// Adds a word at the owner's end. Returns false if the deque is full. Writes before the call are visible to the
    /// thread that takes the word.
    ///
    /// A sequentially consistent fence is needed before the sleepers of a `Parking` are read.
    @inlinable package func push(_ word: UInt) -> Bool { unsafe hs_deque_push(deque, word) }

    /// Takes the newest word; `nil` if the deque is empty.
    @inlinable package func pop() -> UInt? {
        var word: UInt = 0
        // The address is valid for the call.
        return unsafe hs_deque_pop(deque, &word) ? word : nil
    }

    /// Returns another thief's end.
    package func makeThief() -> DequeThief { DequeThief(memory) }
}

@available(*, unavailable, message: "the owner's end belongs to one thread at a time")
extension DequeOwner: Sendable {}

/// A thief's end of a work-stealing deque, for any thread. It retains the deque's memory, and may outlive the owner.
///
/// It can't be copied, so that its use never changes a reference count that all thieves share. `makeThief` creates
/// more.
@safe
public struct DequeThief: ~Copyable, @unchecked Sendable {
    // `@unchecked Sendable`: the C structure is made for any number of thieves, and `memory` retains it.
    @usableFromInline let deque: OpaquePointer
    private let memory: DequeMemory

    fileprivate init(_ memory: DequeMemory) {
        self.memory = memory
        unsafe deque = memory.deque
    }

    /// Takes the oldest word; `nil` if the deque was empty at some moment during the call.
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

    /// The number of words in the deque: a recent value.
    @inlinable package var count: Int { unsafe hs_deque_count(deque) }

    /// Returns another thief's end.
    package func makeThief() -> DequeThief { DequeThief(memory) }
}

/// The structure that both ends share, freed with the last of them. Remaining words are dropped.
@safe
private final class DequeMemory {
    let deque: OpaquePointer

    init(capacity: Int) {
        precondition(
            (1...1 << 24).contains(capacity) && capacity.nonzeroBitCount == 1,
            "a deque's capacity can't be \(capacity)")
        unsafe deque = hs_deque_create(capacity).orOutOfMemory()
    }

    deinit { unsafe hs_deque_destroy(deque, nil) }
}
