import Glibc

/// The folder of this run's products and modules, whatever its configuration, sanitizer or scratch path.
enum BuildDirectory {
    /// The folder of the running test bundle.
    static let path: String = {
        let executable = executablePath
        return executable.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    }()

    /// The path of the test bundle, which is an executable on Linux; if another program loads it, that program gets the
    /// path as an argument.
    private static var executablePath: String {
        let isBundle = { (path: String) in path.hasSuffix(".xctest") }
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        // One byte is kept for the terminator, which readlink does not write.
        let count = unsafe readlink("/proc/self/exe", &buffer, buffer.count - 1)
        let own = String(decoding: buffer[..<max(0, count)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return isBundle(own) ? own : CommandLine.arguments.first(where: isBundle) ?? own
    }
}
