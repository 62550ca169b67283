import Glibc

/// A program run to its end.
package struct Command {
    package var exitStatus: Int32
    /// The output on both of its streams.
    package var output: String

    /// Runs a program found on the PATH, in the project's folder.
    package init(_ arguments: String...) {
        self.init(arguments)
    }

    package init(_ arguments: [String]) {
        let words = arguments.map {
            "'" + $0.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
        }
        let line = "cd '\(ProjectFolder.path)' && exec \(words.joined(separator: " ")) 2>&1 < /dev/null"
        // Tests run on threads that block signals. Signals have to end the program as usual, so it must not inherit
        // the mask.
        var none = sigset_t()
        var usual = sigset_t()
        unsafe sigemptyset(&none)
        unsafe pthread_sigmask(SIG_SETMASK, &none, &usual)
        // "e" keeps the pipe out of programs that other tests start meanwhile. The stream is closed below, once.
        let opened = unsafe popen(line, "re")
        unsafe pthread_sigmask(SIG_SETMASK, &usual, nil)
        guard let stream = unsafe opened else {
            exitStatus = 127
            output = "cannot start a shell"
            return
        }
        output = unsafe String(decoding: readToEnd(of: fileno(stream)), as: UTF8.self)
        let status = unsafe pclose(stream)
        // WIFEXITED and WEXITSTATUS, which are macros; a signal's number is given as a shell gives it.
        exitStatus = status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
    }

    /// Whether strace works. A sandbox may have the program and forbid what it does.
    package static let canTrace = Command("strace", "-o", "/dev/null", "true").exitStatus == 0

    /// Whether the PATH has a program of this name.
    package static func exists(_ name: String) -> Bool {
        Command("sh", "-c", "command -v \"$0\"", name).exitStatus == 0
    }
}

/// The folder of the project, derived from the path of this file.
package enum ProjectFolder {
    package static let path: String = {
        let thisFile = #filePath
        // Three steps up from Tests/TestSupport/Command.swift.
        return thisFile.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
    }()
}

/// Returns the rest of a file or a pipe.
package func readToEnd(of descriptor: Int32) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65536)
    while true {
        // The buffer outlives the call, and `read` gets its size.
        let count = unsafe chunk.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
        if count > 0 { bytes += chunk[..<count] }
        if count == 0 || (count < 0 && errno != EINTR) { return bytes }
    }
}
