import HTTPCore
import Reactor

/// A request, for as long as its handler runs.
///
/// It reads from the buffer in which the request was received and copies nothing until asked: each `String` or array
/// taken from it is a copy that may be kept. The request itself can't be kept, which the compiler sees to: it is not
/// copyable, and handlers borrow it.
@safe
public struct Request: ~Copyable {
    let incoming: IncomingRequest
    // Not retained for each request: whoever runs the handler holds the table for longer than the request.
    private let table: Unmanaged<RouteTable>
    /// What a request that has left its connection shares with it.
    private let exchange: Exchange?

    init(
        _ incoming: consuming IncomingRequest, table: RouteTable, exchange: Exchange? = nil
    ) {
        self.exchange = exchange
        self.incoming = incoming
        unsafe self.table = .passUnretained(table)
    }

    /// The method, RFC 9110 section 9. A HEAD request reaches the handler of GET and says HEAD here.
    public var method: Method { incoming.head.method }

    /// The path as it was sent, percent-encoded and beginning with a slash: "/files/a%20b".
    public var path: String {
        let range = incoming.head.path
        return range.isEmpty ? "/" : string(range)
    }

    /// The request target as it was sent: the path with the query, in nearly all requests.
    public var target: String { string(incoming.head.target) }

    /// What stands behind the question mark.
    public var query: Query {
        _read { yield Query(range: incoming.head.query, text: text) }
    }

    /// The field lines of the head.
    public var headers: Headers {
        // Swift 6.3.1's optimizer crashes when it inlines an accessor whose view holds a reference.
        @inline(never) _read {
            yield Headers(fields: incoming.head.fields, text: text)
        }
    }

    /// The parts of the path that the route's pattern names. Where the path has routes, but none for the method, as
    /// middlewares see it with 405 and OPTIONS, those of one of these routes; none where no route matches the path.
    public var parameters: Parameters {
        @inline(never) _read {
            yield unsafe Parameters(
                destination: incoming.route, table: table, path: text.part(incoming.head.path))
        }
    }

    /// The body: complete, or, on routes with `body: .stream`, to be read as it comes.
    public var body: Body {
        _read {
            let stream = exchange.flatMap { $0.isBodyStreamed ? $0 : nil }
            yield unsafe Body(storage: incoming.bodyBytes, exchange: stream)
        }
    }

    /// The fields behind a chunked body (RFC 9110 section 6.5), without those that mean something only in a head: what
    /// concerns framing, routing, authentication or the content's type is dropped. Never part of `headers`.
    ///
    /// On routes with `body: .stream` they are there once a read has come to the end of the body; before, there are
    /// none. Each call makes a copy; if there are none, which is usual, it costs nothing.
    public var trailers: HeaderFields {
        if let exchange, exchange.isBodyStreamed { return exchange.withTrailers(HeaderFields.init(lines:)) }
        // There as long as the request is.
        return unsafe HeaderFields(lines: RawSpan(_unsafeBytes: incoming.trailerBytes))
    }

    /// The host that the request is for: of the target if it names one, else of the Host field. Empty in HTTP/1.0
    /// without Host.
    public var host: String { string(incoming.head.host) }

    /// Where the request comes from: behind a proxy, the proxy. Learned when the connection was accepted, so it costs
    /// nothing. Of kind `unix` for a connection by a Unix socket, whose client has no address. Never nil for a request
    /// that a server has received: a TCP connection whose address is unknown is closed.
    public var peerAddress: SocketAddress? { incoming.peer }

    /// Whether nobody waits for the response any more.
    var isOver: Bool { exchange?.isOver ?? false }

    /// Calls `body` with the bytes of `target`.
    func withTargetBytes(_ body: (RawSpan) -> Void) { text.withBytes(incoming.head.target, body) }

    private func string(_ range: ByteRange) -> String { text.string(range) }

    /// The head's bytes, which the views below are borrowed from.
    private var text: HeadText { unsafe HeadText(bytes: incoming.headBytes) }
}
