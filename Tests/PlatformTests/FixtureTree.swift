import Glibc
import TestSupport

/// A temporary folder with files.
final class FixtureTree {
    struct CannotWrite: Error {
        let path: String
    }

    private let folder = TemporaryFolder()

    var path: String { folder.path }

    /// Creates a folder with the given files, by path and contents.
    init(_ files: [String: String]) throws {
        for (name, contents) in files { try write(contents, to: name) }
    }

    private func write(_ contents: String, to name: String) throws {
        var parent = path
        for part in name.split(separator: "/").dropLast() {
            parent += "/\(part)"
            // The path is valid for the call, which fails if another file is in the same folder.
            unsafe mkdir(parent, 0o755)
        }
        // Valid for the call, like the path below.
        guard let file = unsafe fopen("\(path)/\(name)", "w") else { throw CannotWrite(path: name) }
        unsafe fputs(contents, file)
        unsafe fclose(file)
    }
}
