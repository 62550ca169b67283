import Glibc

/// A folder with files for a test, removed with this object.
final class FixtureTree {
    struct CannotWrite: Error {
        let path: String
    }

    let path: String
    /// In the order of creation.
    private var made: [String] = []

    /// Creates a folder with the given files, by path and contents.
    init(_ files: [String: String]) throws {
        // The template is a copy that `mkdtemp` changes in place; it ends in a zero.
        var template = Array("/tmp/hyperserve-XXXXXX".utf8CString)
        guard unsafe mkdtemp(&template) != nil else { throw CannotWrite(path: "/tmp") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        for (name, contents) in files { try write(contents, to: name) }
    }

    deinit {
        for name in made.reversed() { unsafe remove(name) }
        unsafe remove(path)
    }

    private func write(_ contents: String, to name: String) throws {
        var folder = path
        for part in name.split(separator: "/").dropLast() {
            folder += "/\(part)"
            // The path is valid for the call. It fails when another file's path has led here before.
            if unsafe mkdir(folder, 0o755) == 0 { made.append(folder) }
        }
        // Valid for the call, like the path below.
        guard let file = unsafe fopen("\(path)/\(name)", "w") else { throw CannotWrite(path: name) }
        made.append("\(path)/\(name)")
        unsafe fputs(contents, file)
        unsafe fclose(file)
    }
}
