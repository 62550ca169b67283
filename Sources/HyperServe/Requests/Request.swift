import HTTPCore
import Reactor

/// A request, which lives as long as its handler runs.
///
/// It is a view of the buffer in which the request was received, and copies nothing by itself: each `String` or array
/// that you read from it is a copy, which may be kept. The request itself can't be kept, which the compiler enforces:
/// it is not copyable, and handlers borrow it. An async function that takes it as a `borrowing` parameter may run on
/// another executor.
@safe
public struct Request: ~Copyable, @unchecked Sendable {
    // `@unchecked Sendable`, as its views are: nothing changes the bytes while the handler runs, and no other task or
    // thread has the request but one that its handler waits for.
    let incoming: IncomingRequest
    // Not retained for each request: the caller of the handler retains the table for longer.
    private let table: Unmanaged<RouteTable>
    /// The exchange of a request in a task or on the pool; nil for one that is handled inline.
    private let exchange: Exchange?

    init(
        _ incoming: consuming IncomingRequest, table: RouteTable, exchange: Exchange? = nil
    ) {
        self.exchange = exchange
        self.incoming = incoming
        unsafe self.table = .passUnretained(table)
    }

    /// The method, RFC 9110 section 9. It is HEAD for a HEAD request, also in the handler of GET.
    public var method: Method { incoming.method }

    /// The path as it was sent, percent-encoded and with a slash at the beginning: "/files/a%20b".
    public var path: String {
        let range = incoming.head.path
        return range.isEmpty ? "/" : string(range)
    }

    /// The request target as it was sent; in nearly all requests, the path with the query.
    public var target: String { string(incoming.head.target) }

    /// The query: the part of the target after the question mark.
    public var query: Query {
        _read { yield Query(range: incoming.head.query, head: head) }
    }

    /// The header fields.
    public var headers: Headers {
        // Swift 6.3.1's optimizer crashes when it inlines an accessor whose view holds a reference.
        @inline(never) _read {
            yield Headers(fields: incoming.head.fields, head: head)
        }
    }

    /// The path parameters: the parts of the path that the route's pattern names. If the path has routes for other
    /// methods only, which middlewares see with 405 and OPTIONS, they are those of one of these routes; if it has none,
    /// there are none.
    public var parameters: Parameters {
        @inline(never) _read {
            yield unsafe Parameters(
                destination: incoming.route, table: table, path: head.part(incoming.head.path))
        }
    }

    /// The body: complete, or, on routes with `body: .stream`, read as it arrives.
    public var body: Body {
        _read {
            let stream = exchange.flatMap { $0.isBodyStreamed ? $0 : nil }
            yield unsafe Body(storage: incoming.bodyBytes, exchange: stream)
        }
    }

    /// The trailer fields of a chunked body (RFC 9110 section 6.5), without those that are meaningful in a head only:
    /// fields about framing, routing, authentication and the content's type are dropped. Never part of `headers`.
    ///
    /// On routes with `body: .stream` they are available once a read has reached the end of the body; before, there are
    /// none. Each call makes a copy; if there are none, as usual, it costs nothing.
    public var trailers: HeaderFields {
        if let exchange, exchange.isBodyStreamed { return exchange.withTrailers(HeaderFields.init(trailerSection:)) }
        // Valid as long as the request.
        return unsafe HeaderFields(trailerSection: RawSpan(_unsafeBytes: incoming.trailerBytes))
    }

    /// The host that the request is for: of the target if that has one, else of the Host field. Empty for an HTTP/1.0
    /// request without Host.
    public var host: String { string(incoming.head.host) }

    /// The address of the peer: the client, or a proxy in front of the server. It is determined when the connection is
    /// accepted, so reading it costs nothing. That of an IPv4 client is of kind `ipv4` on every listener, also on one
    /// that listens on "::". Of kind `unix` for a Unix socket, whose clients have no address. Never nil for a request
    /// that a server has received: a TCP connection whose address is unknown is closed.
    public var peerAddress: SocketAddress? { incoming.peer }

    /// A logger whose entries have the request's method, route and peer. They go to `ServerConfiguration.log`. It is
    /// created by this call, and may be kept.
    ///
    /// It has no ID: the context of the request has that, and a logger with it, `RequestContext.logger`. A handler gets
    /// the context as its second parameter.
    public var logger: RequestLogger {
        // The caller of the handler retains the table.
        unsafe table._withUnsafeGuaranteedRef { table in
            var pattern: String?
            if case .route(let route) = Destination(packed: incoming.route) { pattern = table.pattern(route) }
            return RequestLogger(table.log, method: method, routePattern: pattern, peer: incoming.peer)
        }
    }

    /// What the request's task is isolated to.
    var reactor: ReactorActor { incoming.ticket.actor }

    /// The limit of what the handler collects of the body in memory.
    var collectingLimit: BodyByteLimit {
        // The caller of the handler retains the table.
        unsafe table._withUnsafeGuaranteedRef { $0.collectingLimit(Destination(packed: incoming.route)) }
    }

    /// The server's pool for what blocks.
    var blockingPool: BlockingPool {
        // As above.
        unsafe table._withUnsafeGuaranteedRef { $0.blockingPool }
    }

    /// Whether the connection no longer waits for the response.
    var isOver: Bool { exchange?.isOver ?? false }

    /// Calls `body` with the bytes of `target`.
    func withTargetBytes(_ body: (RawSpan) -> Void) { head.withBytes(incoming.head.target, body) }

    private func string(_ range: ByteRange) -> String { head.string(range) }

    /// The bytes of the head, from which the views above are borrowed.
    var head: HeadView { unsafe HeadView(bytes: incoming.headBytes) }
}
