import Glibc
import HyperServe

// The demo server: parses its options and serves a few routes.

let options: Options
switch Options.parse(Array(CommandLine.arguments.dropFirst())) {
case .run(let parsed):
    options = parsed
case .print(let text):
    print(text)
    exit(0)
case .fail(let reason):
    printError("\(reason)\n\(Options.usage)")
    exit(2)
}

// The reader of the demo's output may close it: that is no reason to end.
signal(SIGPIPE, SIG_IGN)

do {
    let server = try Server(router: demoRoutes(), configuration: options.configuration)
    try server.run {
        if let reason = server.fallbackReason { printError("io_uring is not available (\(reason)), using epoll") }
        announce(server)
    }
} catch {
    printError("\(error)")
    exit(1)
}

/// Prints the addresses of the server to standard output, for people and for scripts.
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

/// Prints one line to standard error.
func printError(_ text: String) {
    let line = Array("hyperserve: \(text)\n".utf8)
    // A failure can't be reported anywhere else.
    _ = unsafe line.withUnsafeBytes { unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
}
