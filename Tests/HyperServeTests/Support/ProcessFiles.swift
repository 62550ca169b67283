import Glibc

/// What the kernel counts for a process.
enum ProcessFiles {
    /// Open sockets. Other descriptors come and go with the runtime, which makes a timer or a queue when it needs one.
    static func socketCount() -> Int {
        // New ones take the lowest free numbers, so these are all there can be.
        (Int32(0)..<4096).count { descriptor in
            var type: Int32 = 0
            var length = socklen_t(MemoryLayout<Int32>.size)
            // As many bytes as an int has.
            return unsafe getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &length) == 0
        }
    }

    static func threadCount(of processID: pid_t = getpid()) -> Int {
        entryCount("/proc/\(processID)/task")
    }

    /// Waits until `value` is at most `limit`, for some seconds. Returns it.
    static func settled(_ limit: Int, _ value: () -> Int) -> Int {
        for _ in 0..<500 where value() > limit { usleep(20_000) }
        return value()
    }

    private static func entryCount(_ path: String) -> Int {
        guard let directory = unsafe opendir(path) else { return 0 }
        defer { unsafe closedir(directory) }
        var count = -2  // . and ..
        while unsafe readdir(directory) != nil { count += 1 }
        return count
    }
}
