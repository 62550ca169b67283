extension ServerConfiguration {
    /// A task that runs as long as the server serves: work in the background, such as sending a queue of messages.
    ///
    /// ```swift
    /// configuration.services = [
    ///     .init("cleanup") {
    ///         while true {
    ///             try await Task.sleep(for: .seconds(60))
    ///             try await sessions.removeExpired()
    ///         }
    ///     }
    /// ]
    /// ```
    ///
    /// Services are started, all at once, before the server accepts connections, on the threads of the Swift runtime.
    /// When the server stops, they are cancelled after the last request has its response, and the server waits for them
    /// for the rest of `shutdownTimeout`, and half a second at least. One that goes on for longer is reported to the
    /// log, and runs on.
    ///
    /// A service that returns or throws before it is cancelled stops the server. `Server.run(whenReady:)` then throws
    /// `ServerError.serviceEnded` or `serviceFailed`.
    public struct Service: Sendable {
        /// The name of the service in errors and the log.
        public var name: String
        /// The work of the service.
        public var run: @Sendable () async throws -> Void

        /// Creates a service.
        public init(_ name: String, run: @escaping @Sendable () async throws -> Void) {
            self.name = name
            self.run = run
        }
    }
}
