import HTTPCore
import Reactor

/// A copy of all that a handler may ask of a request, for handlers that go on after the reactor has.
struct RequestCopy: ~Copyable {
    /// More than this is not kept from one request to the next.
    private static let maximumKeptByteCount = 16 * 1024

    private var head = RequestHead()
    private var route = 0
    private var peer: SocketAddress?
    /// Head and body, one behind the other.
    private var bytes = ByteBuffer()
    private var headByteCount = 0

    /// Copies the request, whose bytes go when the reactor goes on.
    init(_ request: borrowing IncomingRequest) {
        replace(with: request)
    }

    /// Copies another request into the memory of this one.
    mutating func replace(with request: borrowing IncomingRequest) {
        head.copy(request.head)
        route = request.route
        peer = request.peer
        headByteCount = unsafe request.headBytes.count
        bytes.removeAll()
        if bytes.capacity > Self.maximumKeptByteCount { bytes = ByteBuffer() }
        unsafe bytes.reserve(request.headBytes.count + request.bodyBytes.count)
        unsafe bytes.append(request.headBytes)
        unsafe bytes.append(request.bodyBytes)
    }

    /// The request, whose bytes are this copy's: it must not outlive it.
    @unsafe
    func incoming(ticket: Ticket) -> IncomingRequest {
        let all = unsafe bytes.unsafeBytes
        return unsafe IncomingRequest(
            copyOf: head, route: route,
            headBytes: UnsafeRawBufferPointer(rebasing: all[..<headByteCount]),
            bodyBytes: UnsafeRawBufferPointer(rebasing: all[headByteCount...]), peer: peer,
            ticket: ticket)
    }
}
