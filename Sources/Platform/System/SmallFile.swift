import Glibc

/// Files of the kernel, which are small and report no size.
enum SmallFile {
    /// Returns the beginning of the file at `path`, by default 64 KiB; `nil` if it can't be opened or read.
    static func contents(of path: String, maximumByteCount capacity: Int = 65_536) -> [UInt8]? {
        // The string is valid for the call.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var failed = false
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            while count < capacity {
                // Stays within the buffer: `count` bytes of it are filled.
                let got = unsafe read(descriptor, buffer.baseAddress! + count, capacity - count)
                if got < 0 && errno == EINTR { continue }
                failed = got < 0
                guard got > 0 else { return }
                count += got
            }
        }
        return failed ? nil : bytes
    }
}
