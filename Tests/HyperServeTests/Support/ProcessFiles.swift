import Glibc

/// Counts of the kernel for a process.
enum ProcessFiles {
    /// Open sockets. Other descriptors come and go with the runtime, which makes a timer or a queue when it needs one.
    static func socketCount() -> Int {
        // New ones get the lowest free numbers, so there are no others.
        (Int32(0)..<4096).count { descriptor in
            var type: Int32 = 0
            var length = socklen_t(MemoryLayout<Int32>.size)
            // As many bytes as an int has.
            return unsafe getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &length) == 0
        }
    }

    /// Open sockets that are bound to a port, by descriptor, with the number that no other socket ever has. While a
    /// listener has the port, the kernel gives it to no client.
    static func sockets(at port: Int) -> [Int32: UInt64] {
        var found: [Int32: UInt64] = [:]
        // Not over a range: hundreds of tests do this at a time, and would all wait for one lock of the runtime's, that
        // code without optimization takes for each number.
        var descriptor: Int32 = -1
        while descriptor < 4095 {
            descriptor += 1
            var address = sockaddr_in()
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let status = unsafe withUnsafeMutableBytes(of: &address) { bytes in
                // As many bytes as are there; what does not fit is cut off.
                unsafe getsockname(descriptor, bytes.assumingMemoryBound(to: sockaddr.self).baseAddress!, &length)
            }
            // Both families have the port in the same place.
            let isInternet = address.sin_family == AF_INET || address.sin_family == AF_INET6
            guard status == 0, isInternet, Int(address.sin_port.bigEndian) == port else { continue }
            found[descriptor] = identity(of: descriptor)
        }
        return found
    }

    /// Number of these sockets that are open.
    static func socketCount(among identities: Set<UInt64>) -> Int {
        if identities.isEmpty { return 0 }
        var count = 0
        var descriptor: Int32 = 0
        while descriptor < 4096 {
            if let identity = identity(of: descriptor), identities.contains(identity) { count += 1 }
            descriptor += 1
        }
        return count
    }

    private static func identity(of descriptor: Int32) -> UInt64? {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return nil }
        return UInt64(status.st_ino)
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
