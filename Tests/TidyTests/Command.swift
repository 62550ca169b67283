import Glibc

/// A program run to its end.
struct Command {
    var exitStatus: Int32
    /// What it wrote to both of its streams.
    var output: String

    /// Runs a program found on the PATH, in the repository's root.
    init(_ arguments: String...) {
        self.init(arguments)
    }

    init(_ arguments: [String]) {
        let words = arguments.map {
            "'" + $0.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
        }
        let line = "cd '\(Repository.root)' && exec \(words.joined(separator: " ")) 2>&1 < /dev/null"
        // "e" keeps the pipe out of programs that other tests start meanwhile. The stream is closed below, once.
        guard let stream = unsafe popen(line, "re") else {
            exitStatus = 127
            output = "cannot start a shell"
            return
        }
        output = unsafe String(decoding: Repository.readToEnd(of: fileno(stream)), as: UTF8.self)
        let status = unsafe pclose(stream)
        // WIFEXITED and WEXITSTATUS, which are macros; a signal's number is given as a shell gives it.
        exitStatus = status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
    }
}
