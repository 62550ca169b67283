import Reactor

/// Values that belong to one request: what middlewares determine for each other and for the handler. A handler with two
/// parameters gets it as the second one.
///
/// It costs nothing until a value is stored in it. It can't be copied or kept, and ends with the request.
@safe
public struct RequestContext: ~Copyable, @unchecked Sendable {
    // `@unchecked Sendable`: all that it contains is, and the dispatcher is retained for longer.
    /// The request's ID in logs and towards other services; see `RequestIDs`. Nil if none was set.
    public var requestID: String?
    /// The name of the user who sends the request, set by an authentication. Nil if there was none.
    public var principal: String?
    /// Maps errors to responses; see `ErrorMapping`.
    var errorMapping: (@Sendable (any Error) -> Response?)?

    private var values: [(key: ObjectIdentifier, value: any Sendable)] = []
    // Not retained: the caller of the handler retains the dispatcher for longer than this context.
    private let dispatcher: Unmanaged<Dispatcher>
    /// A `Destination.packed`.
    private let packedDestination: Int
    private let peer: SocketAddress?
    /// Whether the request is handled on a thread of the pool, where it may block.
    let isOnPool: Bool
    /// The observer of the response, and the time of its registration. One needs no allocation; several are one
    /// `ObserverPair`.
    private var observer: (any ResponseObserver)?
    private var observationStart: Int64 = 0

    @inline(__always)
    init(_ dispatcher: Dispatcher, _ request: borrowing Request, isOnPool: Bool) {
        unsafe self.dispatcher = .passUnretained(dispatcher)
        packedDestination = request.incoming.route
        peer = request.incoming.peer
        self.isOnPool = isOnPool
    }

    /// The result of routing the request.
    var destination: Destination { Destination(packed: packedDestination) }

    /// Registers an observer, which is called once, after all of the response was written.
    mutating func observe(_ observer: any ResponseObserver) {
        let start = clock.nanoseconds
        self.observer = self.observer.map { ObserverPair($0, since: observationStart, observer) } ?? observer
        observationStart = start
    }

    /// Whether the response has an observer.
    var isObserved: Bool { observer != nil }

    /// Calls the observers with the response that was sent.
    borrowing func report(_ sent: SentResponse, to request: borrowing Request) {
        observer?.observe(sent, to: request, self, since: observationStart)
    }

    /// The pattern of the request's route, with the prefixes of its groups: "/hello/{name}". Nil if the request has no
    /// route, and the response is the server's own.
    public var routePattern: String? {
        guard case .route(let route) = destination else { return nil }
        return unsafe dispatcher._withUnsafeGuaranteedRef { $0.table.pattern(route) }
    }

    /// A logger whose entries have the request's ID, as it is now, its route and its peer. They go to
    /// `ServerConfiguration.log`. It is created by this call, and may be kept.
    public var logger: RequestLogger {
        unsafe dispatcher._withUnsafeGuaranteedRef { dispatcher in
            RequestLogger(dispatcher.table.log, requestID: requestID, routePattern: routePattern, peer: peer)
        }
    }

    /// The current time, in seconds since 1970-01-01 00:00:00 UTC: of the system's clock, or, with the test client of
    /// HyperServeTesting, of the clock that the test advances.
    public var unixSeconds: Int { clock.unixSeconds }

    /// Whether the server was asked to stop, or stops because of a failure. See `Router.readiness(_:)`.
    public var isServerStopping: Bool { lifecycle.isStopping }

    /// The state of the server.
    var lifecycle: ServerLifecycle { unsafe dispatcher._withUnsafeGuaranteedRef { $0.lifecycle } }

    /// The clock of the server.
    var clock: ServerClock { unsafe dispatcher._withUnsafeGuaranteedRef { $0.clock } }

    /// The value that is stored under a key, or the key's default.
    public subscript<Key: ContextKey>(key: Key.Type) -> Key.Value {
        get {
            let identifier = ObjectIdentifier(key)
            for entry in values where entry.key == identifier {
                if let value = entry.value as? Key.Value { return value }
            }
            return Key.defaultValue
        }
        set {
            let identifier = ObjectIdentifier(key)
            values.removeAll { $0.key == identifier }
            values.append((identifier, newValue))
        }
    }

    /// Returns the response to an error of a middleware of this module, in the format of the configuration.
    borrowing func response(to error: ErrorDescription, for request: borrowing Request) -> Response {
        unsafe dispatcher._withUnsafeGuaranteedRef { $0.response(to: error, request) }
    }

    /// Returns the response to an error: that of an `ErrorMapping`, or else that of an `HTTPError`, or else a 500,
    /// which is logged.
    public borrowing func response(to error: any Error, for request: borrowing Request) -> Response {
        if let response = errorMapping?(error) {
            didMap(error, to: response, for: request)
            return response
        }
        return unsafe dispatcher._withUnsafeGuaranteedRef { $0.response(to: error, request, self) }
    }

    /// Logs an error that an `ErrorMapping` has turned into a response.
    borrowing func didMap(_ error: any Error, to response: Response, for request: borrowing Request) {
        unsafe dispatcher._withUnsafeGuaranteedRef {
            $0.report(mapped: error, to: response.status, of: request, self)
        }
    }
}

/// The key of a value that middlewares and handlers share through `RequestContext`.
///
/// ```swift
/// enum Tenant: ContextKey {
///     static let defaultValue = "public"
/// }
/// context[Tenant.self] = "acme"
/// ```
public protocol ContextKey {
    /// The type of the value.
    associatedtype Value: Sendable

    /// The value that is read before one was stored.
    static var defaultValue: Value { get }
}
