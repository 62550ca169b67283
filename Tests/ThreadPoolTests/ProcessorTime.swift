import Glibc

/// The processor time of threads of this process.
enum ProcessorTime {
    /// Nanoseconds that the threads whose names begin with `prefix` have run so far, and how many such threads there
    /// are.
    static func used(byThreadsNamed prefix: String) -> (nanoseconds: UInt64, threads: Int) {
        var nanoseconds: UInt64 = 0
        var threads = 0
        for thread in entries(of: "/proc/self/task") {
            // A thread may end between the listing and the reading.
            guard
                let name = text(of: "/proc/self/task/\(thread)/comm"), name.hasPrefix(prefix),
                let statistics = text(of: "/proc/self/task/\(thread)/schedstat"),
                let running = statistics.split(separator: " ").first.flatMap({ UInt64($0) })
            else { continue }
            nanoseconds += running
            threads += 1
        }
        return (nanoseconds, threads)
    }

    private static func entries(of folder: String) -> [String] {
        // The stream is closed at the end, and each entry is read before the next call replaces it.
        guard let stream = unsafe opendir(folder) else { return [] }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            names.append(
                unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
                    unsafe name.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
                })
        }
        return names.filter { !$0.hasPrefix(".") }
    }

    private static func text(of path: String) -> String? {
        // The path is valid for the call, and the buffer has the given length.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
        return count < 0 ? nil : String(decoding: bytes[..<count], as: UTF8.self)
    }
}
