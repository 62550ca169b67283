import Glibc

/// A folder for a test, removed with its contents with this object.
package final class TemporaryFolder: Sendable {
    package let path: String

    package init() {
        // The template is a copy that `mkdtemp` changes in place; it ends in a zero.
        var template = Array("/tmp/hs-test-XXXXXX".utf8CString)
        precondition(unsafe mkdtemp(&template) != nil, "no folder for a test")
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { _ = Command("rm", "-rf", path) }

    /// The names of its entries, including hidden files.
    package var names: [String] {
        Command("ls", "-A", path).output.split(separator: "\n").map(String.init)
    }

    /// The path of a file in it.
    package func file(_ name: String) -> String { "\(path)/\(name)" }
}
