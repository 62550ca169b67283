import Glibc

/// What the kernel counts for a process.
enum ProcessFiles {
    /// Open descriptors, the one that the count itself needs not included.
    static func descriptorCount(of processID: pid_t = getpid()) -> Int {
        entryCount("/proc/\(processID)/fd") - (processID == getpid() ? 1 : 0)
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
