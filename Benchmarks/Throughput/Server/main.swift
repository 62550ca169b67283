import Glibc
import HyperServe

// The HyperServe that throughput tests measure:
//
//     bench-server [--port PORT] [--driver io_uring|epoll] [--handlers inline|pool|mutex] [--threads COUNT]
//                  [--replacements RATE]
//
// It serves the same routes as the peers. `--handlers` is where handlers run, `--threads` the number of reactors (one
// by default), `--replacements` the number of times per second that all routes are replaced, which it reports at its
// end.

var configuration = ServerConfiguration(port: 0, threads: 1)
var handlers = HandlerPlace.inline
var replacementRate = 0
var arguments = CommandLine.arguments.dropFirst()
while let name = arguments.popFirst() {
    let value = arguments.popFirst() ?? ""
    switch (name, Int(value), DriverKind(rawValue: value), HandlerPlace(rawValue: value)) {
    case ("--port", let port?, _, _) where (0...65_535).contains(port): configuration.port = port
    case ("--threads", let count?, _, _) where (1...64).contains(count): configuration.threads = count
    case ("--replacements", let rate?, _, _) where (1...100_000).contains(rate): replacementRate = rate
    case ("--driver", _, let driver?, _): configuration.driver = driver
    case ("--handlers", _, _, let place?): handlers = place
    default:
        print(
            """
            usage: bench-server [--port PORT] [--driver io_uring|epoll] [--handlers inline|pool|mutex]
                                [--threads COUNT] [--replacements RATE]
            """)
        exit(2)
    }
}
// Load generators keep their connections for longer than the default allows, and wait in thousands for the pool.
configuration.maximumRequestsPerConnection = .max
configuration.maximumBlockingQueue = 16_384
signal(SIGPIPE, SIG_IGN)

let server = try Server(router: routes(handlers), configuration: configuration)
var replacing: RouteReplacing?
if replacementRate > 0 {
    replacing = RouteReplacing(of: server, rate: replacementRate) { [handlers] in routes(handlers) }
}
try server.run {
    guard let address = server.address, let driver = server.driver else { return }
    print("bench-server listening on http://\(address) (driver \(driver.rawValue), handlers \(handlers.rawValue))")
    fflush(nil)
}
if let replacing { print(replacing.stop()) }
