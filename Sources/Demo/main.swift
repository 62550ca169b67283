import Glibc
import HyperServe

// The demo server: parses its options, adds a few routes, and runs.

let options: Options
switch Options.parse(Array(CommandLine.arguments.dropFirst())) {
case .run(let parsed):
    options = parsed
case .print(let text):
    print(text)
    exit(0)
case .fail(let reason):
    complain("\(reason)\n\(Options.usage)")
    exit(2)
}

// Whoever started the demo need not listen to what it says.
signal(SIGPIPE, SIG_IGN)

do {
    var configuration = options.configuration
    configuration.log = { complain($0) }
    let server = try Server(router: demoRoutes(), configuration: configuration)
    try server.run {
        if let reason = server.fallbackReason { complain("io_uring is not available (\(reason)), using epoll") }
        announce(server)
    }
} catch {
    complain("\(error)")
    exit(1)
}

/// Says where the server is, on standard output and at once, for people and for scripts.
func announce(_ server: Server) {
    guard let driver = server.driver else { return }
    let addresses = server.addresses.map { address in
        if case .tcp = address { "http://\(address)" } else { "\(address)" }
    }
    let count = server.configuration.threads
    let threads = count == 1 ? "1 thread" : "\(count) threads"
    print("hyperserve listening on \(addresses.joined(separator: ", ")) (driver \(driver.rawValue), \(threads))")
    fflush(nil)
}

/// One line on standard error.
func complain(_ text: String) {
    let line = Array("hyperserve: \(text)\n".utf8)
    // Nothing is left to try when standard error is closed.
    _ = unsafe line.withUnsafeBytes { unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
}
