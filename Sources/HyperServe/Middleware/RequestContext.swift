/// What belongs to one request and is no part of its bytes: what middlewares find out about it, for each other and for
/// the handler. A handler gets it as its second parameter, if it takes two.
///
/// It costs nothing until something is kept in it. It can't be copied or kept: it ends with the request.
@safe
public struct RequestContext: ~Copyable {
    /// The request's name in logs and towards other services; see `RequestIDs`. Nil if nothing gave it one.
    public var requestID: String?
    /// Who sends the request, as an authentication found out: the user's name. Nil if nobody asked.
    public var principal: String?
    /// Turns errors into answers: see `ErrorMapping`.
    var errorMapping: (@Sendable (any Error) -> Response?)?

    private var values: [(key: ObjectIdentifier, value: any Sendable)] = []
    // Not retained: whoever runs the handler holds it for longer than this context.
    private let dispatcher: Unmanaged<Dispatcher>
    private let route: Int

    init(_ dispatcher: Dispatcher, route: Int) {
        unsafe self.dispatcher = .passUnretained(dispatcher)
        self.route = route
    }

    /// The pattern of the route that the request has taken, with the prefixes of its groups: "/hello/{name}". Nil when
    /// no route was found: then the answer is the server's own.
    public var routePattern: String? {
        unsafe dispatcher._withUnsafeGuaranteedRef { route == Dispatcher.noRoute ? nil : $0.table.pattern(route) }
    }

    /// What time it is, in seconds since 1970-01-01 00:00:00 UTC: by the system's clock, or, in a test with the client
    /// of HyperServeTesting, by the clock that the test moves.
    public var unixSeconds: Int { clock.unixSeconds }

    /// The clocks that middlewares go by.
    var clock: ServerClock { unsafe dispatcher._withUnsafeGuaranteedRef { $0.clock } }

    /// Whether the request is served on a thread of the pool, where it may take its time.
    var isOnPool: Bool {
        unsafe dispatcher._withUnsafeGuaranteedRef {
            guard route != Dispatcher.noRoute, case .blocking = $0.table.routes[route].target.handler else {
                return false
            }
            return true
        }
    }

    /// The value kept under a key, or its default.
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

    /// The answer that stands for an error: what an `ErrorMapping` makes of it, or what an `HTTPError` says, or else a
    /// 500, which is reported to `ServerConfiguration.log`.
    public borrowing func response(to error: any Error, for request: borrowing Request) -> Response {
        if let response = errorMapping?(error) { return response }
        return unsafe dispatcher._withUnsafeGuaranteedRef { $0.response(to: error, request) }
    }
}
