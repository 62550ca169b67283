import HTTPCore
import Reactor

/// A copy of a request, for handlers that run after the reactor has reused its buffer.
struct RequestCopy: ~Copyable {
    /// Largest buffer that is kept from one request to the next.
    private static let maximumKeptByteCount = 16 * 1024

    private var head = RequestHead()
    private var route = 0
    private var peer: SocketAddress?
    /// The head, followed by the body.
    private var bytes = ByteBuffer()
    private var headByteCount = 0

    /// Copies a request, whose own bytes are valid only until the reactor continues.
    init(_ request: borrowing IncomingRequest) {
        replace(with: request)
    }

    /// Replaces the copy by that of another request, in the same memory.
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

    /// Calls `body` with the head and its bytes.
    func withHead(_ body: (_ head: RequestHead, _ bytes: RawSpan) -> Void) {
        bytes.withBytes { body(head, $0) }
    }

    /// The request. It refers to the bytes of this copy, and must not outlive it.
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
