public import CLockFree

/// A queue through which any number of threads pass values to one consumer, which takes all of them at once:
/// `hs_completions`, with nodes that contain values.
///
/// Order       Oldest first: the order in which the pushes took effect, and so each thread's own order.
/// Complexity  A push allocates one node and is one compare-and-swap; a take is one exchange, and frees the nodes.
/// Progress    A push is lock-free, a take wait-free, but for the allocator.
@safe
public final class MPSCQueue<Element: ~Copyable & Sendable>: @unchecked Sendable {
    // `@unchecked Sendable`: the list is lock-free and made to be shared. A node is owned by whoever holds it: the
    // pusher until the push, the list until the take, the taker after it.
    @usableFromInline let list: OpaquePointer

    @safe @usableFromInline struct Node: ~Copyable {
        // First, so that a pointer to the node is a pointer to its link.
        @usableFromInline var link = unsafe hs_completion()
        @usableFromInline var element: Element

        @inlinable init(_ element: consuming Element) { self.element = element }
    }

    package init() {
        unsafe list = hs_completions_create().orOutOfMemory()
    }

    deinit {
        while takeBatch({ _ in }) {}
        unsafe hs_completions_destroy(list)
    }

    /// Adds a value. Any thread. Writes before the call are visible to the consumer.
    ///
    /// Returns whether the consumer must be woken: true only for the push that found the queue empty, so the consumer
    /// is woken once for each batch.
    @inlinable package func push(_ element: consuming Element) -> Bool {
        let node = UnsafeMutablePointer<Node>.allocate(capacity: 1)
        unsafe node.initialize(to: Node(element))
        return unsafe hs_completions_push(
            list, UnsafeMutableRawPointer(node).assumingMemoryBound(to: hs_completion.self))
    }

    /// Calls `body` with each value in the queue, oldest first. Returns whether there were any. For the consumer; if
    /// several threads call it at once, each takes whole batches.
    @inlinable package func takeBatch(_ body: (inout Element) -> Void) -> Bool {
        var next = unsafe hs_completions_take(list)
        guard unsafe next != nil else { return false }
        while let link = unsafe next {
            unsafe next = link.pointee.next
            // Created by `push`, with the link first.
            let node = unsafe UnsafeMutableRawPointer(link).assumingMemoryBound(to: Node.self)
            unsafe body(&node.pointee.element)
            unsafe node.deinitialize(count: 1)
            unsafe node.deallocate()
        }
        return true
    }
}
