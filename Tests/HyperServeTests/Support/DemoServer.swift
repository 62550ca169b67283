import Glibc

/// The demo server as a process, from the build folder of these tests.
final class DemoServer {
    struct Failure: Error {
        let reason: String
    }

    let processID: pid_t
    /// The pipes of its output; -1 if nobody reads it.
    private let outputPipe: Int32
    private let errorPipe: Int32
    /// The output that was read so far.
    private(set) var output = ""
    private(set) var errors = ""
    private var exitStatus: Int32?

    /// Starts it. With `descriptorLimit` it may not open more files than that; with `hasReader` false nobody reads what
    /// it writes, and writing raises SIGPIPE. With `wrapper` that program is run, which runs it in its own place.
    convenience init(
        _ arguments: String..., descriptorLimit: Int? = nil, hasReader: Bool = true, under wrapper: [String] = []
    ) throws {
        try self.init(arguments: arguments, descriptorLimit: descriptorLimit, hasReader: hasReader, under: wrapper)
    }

    init(
        arguments: [String], descriptorLimit: Int? = nil, hasReader: Bool = true, under wrapper: [String] = []
    ) throws {
        let (outputReader, outputWriter) = try DemoServer.pipe()
        let (errorReader, errorWriter) = try DemoServer.pipe()
        (outputPipe, errorPipe) = hasReader ? (outputReader, errorReader) : (-1, -1)
        defer { for descriptor in [outputWriter, errorWriter] { close(descriptor) } }
        if !hasReader { for descriptor in [outputReader, errorReader] { close(descriptor) } }
        var command = wrapper + [DemoServer.path] + arguments
        if let descriptorLimit {
            command = ["/bin/sh", "-c", "ulimit -n \(descriptorLimit) && exec \"$0\" \"$@\""] + command
        }
        processID = try DemoServer.spawn(command, output: outputWriter, errors: errorWriter)
    }

    deinit {
        if exitStatus == nil {
            kill(processID, SIGKILL)
            var status: Int32 = 0
            unsafe waitpid(processID, &status, 0)
        }
        for descriptor in [outputPipe, errorPipe] where descriptor >= 0 { close(descriptor) }
    }

    /// The port of the start line, which this waits for.
    func port() throws -> Int {
        try read { $0.output.contains("\n") }
        guard let end = output.range(of: " (driver"), let colon = output[..<end].lastIndex(of: ":"),
            let port = Int(output[output.index(after: colon)..<end])
        else { throw Failure(reason: "no start line but: \(output)\(errors)") }
        return port
    }

    func signal(_ number: Int32) { kill(processID, number) }

    /// Waits for the process to end, and reads the rest of its output. Returns the exit code, or a negated signal.
    func waitForExit() throws -> Int32 {
        for _ in 0..<3000 {
            var status: Int32 = 0
            if unsafe waitpid(processID, &status, WNOHANG) == processID {
                // WIFEXITED, WEXITSTATUS and WTERMSIG, which are macros.
                let code = status & 0x7f == 0 ? (status >> 8) & 0xff : -(status & 0x7f)
                exitStatus = code
                // All output is in the pipes by now.
                try? read(patience: 0) { _ in false }
                return code
            }
            usleep(10_000)
        }
        throw Failure(reason: "the process does not end")
    }

    /// Reads until `isEnough`, or the end of both streams, or nothing more comes for `patience` milliseconds.
    private func read(patience: Int32 = 30_000, until isEnough: (DemoServer) -> Bool) throws {
        var pipes = [outputPipe, errorPipe].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        while !isEnough(self), pipes.contains(where: { $0.fd >= 0 }) {
            guard retried({ unsafe poll(&pipes, 2, patience) }) > 0 else { throw Failure(reason: "there is no output") }
            for index in pipes.indices where pipes[index].revents != 0 {
                var bytes = [UInt8](repeating: 0, count: 4096)
                let count = retried { unsafe Glibc.read(pipes[index].fd, &bytes, bytes.count) }
                let text = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
                if index == 0 { output += text } else { errors += text }
                if count <= 0 { pipes[index].fd = -1 }
            }
        }
    }

    /// The path of the program, next to the test bundle, which is an executable on Linux.
    private static var path: String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = unsafe readlink("/proc/self/exe", &buffer, buffer.count - 1)
        let own = String(decoding: buffer[..<max(0, count)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return own.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
            + "/hyperserve"
    }

    private static func pipe() throws -> (reader: Int32, writer: Int32) {
        var ends: [Int32] = [-1, -1]
        // Not inherited by processes that other tests start.
        guard unsafe Glibc.pipe(&ends) == 0 else { throw Failure(reason: "no pipe") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    private static func spawn(_ command: [String], output: Int32, errors: Int32) throws -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        unsafe posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO)
        // Descriptors that the test process inherited must not count among the files of the demo.
        for descriptor in STDERR_FILENO + 1..<256 {
            unsafe posix_spawn_file_actions_addclose(&actions, descriptor)
        }
        // As a shell starts it: the threads of a test have signals blocked, and the process may ignore some.
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe posix_spawnattr_setsigmask(&attributes, &signals)
        unsafe sigaddset(&signals, SIGPIPE)
        unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
        unsafe posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        // Copies, freed below; the list ends with nil, as the call requires.
        var arguments = unsafe command.map { unsafe strdup($0) } + [nil]
        defer { for index in unsafe arguments.indices { unsafe free(arguments[index]) } }
        var processID: pid_t = 0
        let status = unsafe posix_spawnp(&processID, command[0], &actions, &attributes, &arguments, environ)
        guard status == 0 else { throw Failure(reason: "cannot start \(command[0]): errno \(status)") }
        return processID
    }
}

extension String {
    /// Where `text` begins, or nil.
    fileprivate func range(of text: String) -> String.Index? {
        indices.first { self[$0...].hasPrefix(text) }
    }
}
