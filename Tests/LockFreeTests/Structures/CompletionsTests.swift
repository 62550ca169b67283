import CLockFree
import Testing

@Suite("Completions, on one thread")
struct CompletionsTests {
    @Test("are taken all at once, oldest first, and only the first of a batch asks for a wake-up")
    func batches() throws {
        let completions = unsafe try #require(hs_completions_create())
        let nodes = UnsafeMutablePointer<hs_completion>.allocate(capacity: 3)
        defer {
            // Taken or never pushed: the list is empty, and the nodes are ours again.
            unsafe hs_completions_destroy(completions)
            unsafe nodes.deallocate()
        }
        for _ in 0..<2 {
            // Three nodes that live until the end, each pushed again only after it was taken.
            #expect(unsafe hs_completions_take(completions) == nil)
            #expect(unsafe hs_completions_push(completions, nodes))
            #expect(unsafe !hs_completions_push(completions, nodes + 1))
            #expect(unsafe !hs_completions_push(completions, nodes + 2))
            var next = unsafe hs_completions_take(completions)
            for index in 0..<3 {
                #expect(unsafe next == nodes + index)
                unsafe next = next?.pointee.next
            }
            #expect(unsafe next == nil)
        }
    }
}
