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
    /// As `Destination.packed`.
    private let packedDestination: Int
    /// Whether the request is served on a thread of the pool, where it may take its time.
    let isOnPool: Bool
    /// Who asked to hear of the response, and when. One needs no memory for it; several are one `ObserverPair`.
    private var observer: (any ResponseObserver)?
    private var observationStart: Int64 = 0

    /// - Parameter destination: as `Destination.packed`.
    @inline(__always)
    init(_ dispatcher: Dispatcher, destination: Int, isOnPool: Bool) {
        unsafe self.dispatcher = .passUnretained(dispatcher)
        packedDestination = destination
        self.isOnPool = isOnPool
    }

    /// Where the request goes.
    var destination: Destination { Destination(packed: packedDestination) }

    /// Has `observer` hear of the response, once, when the last of it was written.
    mutating func observe(_ observer: any ResponseObserver) {
        let start = clock.nanoseconds
        self.observer = self.observer.map { ObserverPair($0, since: observationStart, observer) } ?? observer
        observationStart = start
    }

    /// Whether anyone wants to hear of the response.
    var isObserved: Bool { observer != nil }

    /// Reports to the observers what was sent.
    borrowing func report(_ sent: SentResponse, to request: borrowing Request) {
        observer?.observe(sent, to: request, self, since: observationStart)
    }

    /// The pattern of the route that the request has taken, with the prefixes of its groups: "/hello/{name}". Nil when
    /// no route was found: then the answer is the server's own.
    public var routePattern: String? {
        guard case .route(let route) = destination else { return nil }
        return unsafe dispatcher._withUnsafeGuaranteedRef { $0.table.pattern(route) }
    }

    /// What time it is, in seconds since 1970-01-01 00:00:00 UTC: by the system's clock, or, in a test with the client
    /// of HyperServeTesting, by the clock that the test moves.
    public var unixSeconds: Int { clock.unixSeconds }

    /// The clocks that middlewares go by.
    var clock: ServerClock { unsafe dispatcher._withUnsafeGuaranteedRef { $0.clock } }

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
