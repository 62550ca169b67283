import Glibc

/// A page of memory between two that fault when touched. Safe: it owns the pages, and provides only spans of them.
@safe package struct GuardedPage: ~Copyable {
    private static let size = 4096
    private let memory: UnsafeMutableRawPointer

    package struct Unavailable: Error {}

    package init() throws {
        let flags = MAP_PRIVATE | MAP_ANONYMOUS
        guard let memory = unsafe mmap(nil, 3 * Self.size, PROT_NONE, flags, -1, 0), unsafe memory != MAP_FAILED,
            unsafe mprotect(memory + Self.size, Self.size, PROT_READ | PROT_WRITE) == 0
        else { throw Unavailable() }
        unsafe self.memory = memory
    }

    deinit { unsafe munmap(memory, 3 * Self.size) }

    /// Copies `bytes` to the page's end or start, and calls `body` with the copy.
    package func withCopy<Result>(of bytes: [UInt8], atEnd: Bool, _ body: (RawSpan) -> Result) -> Result {
        let start = unsafe memory + (atEnd ? 2 * Self.size - bytes.count : Self.size)
        // The page is valid until the deinit, and larger than the bytes.
        unsafe start.copyMemory(from: bytes, byteCount: bytes.count)
        return body(unsafe RawSpan(_unsafeStart: start, byteCount: bytes.count))
    }
}
