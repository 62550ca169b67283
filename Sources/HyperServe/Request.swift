import HTTP1
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
    /// The peer of a request that has left its connection.
    private let knownPeer: KnownPeer?
    /// What a request that has left its connection shares with it.
    private let exchange: Exchange?

    init(
        _ incoming: consuming IncomingRequest, table: RouteTable, knownPeer: KnownPeer? = nil,
        exchange: Exchange? = nil
    ) {
        self.exchange = exchange
        self.incoming = incoming
        unsafe self.table = .passUnretained(table)
        self.knownPeer = knownPeer
    }

    /// A peer address kept on the heap, so that requests that have none do not carry the room for it.
    final class KnownPeer: Sendable {
        let address: SocketAddress?

        init(_ address: SocketAddress?) { self.address = address }
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
        // Inlining it crashes the optimizer of Swift 6.3.1, since the view holds a reference: the table's array.
        @inline(never)
        _read { yield Headers(fields: incoming.head.fields, text: text) }
    }

    /// The parts of the path that the route's pattern names.
    public var parameters: Parameters {
        _read { yield unsafe Parameters(route: incoming.route, path: incoming.head.path, table: table, text: text) }
    }

    /// The body: complete, or, on routes with `body: .stream`, to be read as it comes.
    public var body: Body {
        _read {
            let stream = exchange.flatMap { $0.isBodyStreamed ? $0 : nil }
            yield unsafe Body(storage: incoming.bodyBytes, exchange: stream)
        }
    }

    /// The host that the request is for: of the target if it names one, else of the Host field. Empty in HTTP/1.0
    /// without Host.
    public var host: String { string(incoming.head.host) }

    /// Where the request comes from, or nil if the client is gone. Costs a system call.
    public var peerAddress: SocketAddress? {
        if let knownPeer { return knownPeer.address }
        // Once the connection is gone, its descriptor may be somebody else's.
        if let exchange, exchange.isOver { return nil }
        return incoming.peerAddress
    }

    private func string(_ range: ByteRange) -> String { text.string(range) }

    /// The head's bytes, which the views below are borrowed from.
    private var text: HeadText { unsafe HeadText(bytes: incoming.headBytes) }
}
