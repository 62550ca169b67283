public import Reactor

extension ServerConfiguration {
    /// An address that a server listens on, and what it serves there.
    ///
    /// ```swift
    /// var configuration = ServerConfiguration()
    /// configuration.listeners = [
    ///     .tcp(host: "::", port: 8080),
    ///     .unix(path: "/run/shop/http.sock"),
    ///     .tcp(port: 9000, router: admin),
    /// ]
    /// ```
    public struct Listener: Sendable {
        /// The address.
        public var address: BindAddress
        /// The routes that are served there, or nil for the server's.
        public var router: Router?

        /// Creates a listener with routes of its own, or with the server's.
        public init(_ address: BindAddress, router: Router? = nil) {
            self.address = address
            self.router = router
        }

        /// Creates a listener on a TCP port; see `BindAddress.tcp(host:port:)`.
        public static func tcp(host: String = "127.0.0.1", port: Int, router: Router? = nil) -> Listener {
            Listener(.tcp(host: host, port: port), router: router)
        }

        /// Creates a listener on a Unix socket; see `BindAddress.unix(path:mode:)`. With the default mode, its owner
        /// and group may connect.
        public static func unix(path: String, mode: UInt32 = 0o660, router: Router? = nil) -> Listener {
            Listener(.unix(path: path, mode: mode), router: router)
        }

        /// Creates a listener from a socket that listens already; see `BindAddress.inherited(descriptor:)`.
        public static func inherited(descriptor: Int32, router: Router? = nil) -> Listener {
            Listener(.inherited(descriptor: descriptor), router: router)
        }
    }
}
