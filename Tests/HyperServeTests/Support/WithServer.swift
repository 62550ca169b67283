import HyperServe

/// Serves `router` on a free port while `body` runs on a thread of its own.
func withServer(
    _ driver: DriverKind, _ router: Router, configure: (inout ServerConfiguration) -> Void = { _ in },
    _ body: @escaping @Sendable (_ port: Int) throws -> Void
) async throws {
    var configuration = ServerConfiguration(port: 0, threads: 1, driver: driver)
    configuration.shutdownTimeout = .seconds(5)
    configure(&configuration)
    let server = try Server(router: router, configuration: configuration)
    try server.start()
    let port = server.port!
    do {
        try await onOwnThread { try body(port) }
    } catch {
        try await onOwnThread { server.stop() }
        throw error
    }
    try await onOwnThread { server.stop() }
}
