import HyperServe
import TestSupport
import Testing

/// Serves `router` on a free port while `body` runs on its own thread. All timeouts are long, unless the test changes
/// them: with a sanitizer, or on a busy machine, any client can be slow. The server must release everything in the end.
func withServer(
    _ driver: DriverKind, _ router: Router, configure: (inout ServerConfiguration) -> Void = { _ in },
    _ body: @escaping @Sendable (_ port: Int) throws -> Void
) async throws {
    var configuration = ServerConfiguration(port: 0, threads: 1, driver: driver)
    configuration.shutdownTimeout = .seconds(5)
    configuration.idleTimeout = .seconds(300)
    configuration.headTimeout = .seconds(300)
    configuration.transferGrace = .seconds(300)
    configuration.handlerTimeout = .seconds(300)
    configuration.maximumBlockingWait = .seconds(300)
    // Tests provoke errors all the time.
    configuration.log = nil
    configure(&configuration)
    let server = try Server(router: router, configuration: configuration)
    try await server.start()
    let port = server.port!
    do {
        try await onOwnThread { try body(port) }
    } catch {
        try await onOwnThread { server.stop() }
        throw error
    }
    let leaks = try await onOwnThread { server.stopListingLeaks() }
    #expect(leaks == [])
}
