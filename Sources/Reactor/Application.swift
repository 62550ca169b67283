public import HTTPCore

/// What a reactor serves: the border between bytes and handlers, crossed twice a request.
///
/// Its functions run on the reactor's thread and must not block.
public protocol Application: AnyObject, Sendable {
    /// Decides what becomes of a request, from its head alone, before any of its body is read.
    func plan(for head: borrowing RequestHead, bytes: RawSpan) -> RequestPlan

    /// Appends the answer to `output`, head and body, or takes the request over to answer it later.
    func respond(
        to request: consuming IncomingRequest, date: borrowing DateField, output: inout OutputQueue
    ) -> RequestOutcome

    /// The reactor was woken from elsewhere: perhaps there is something to take over.
    func refresh()
}

extension Application {
    public func refresh() {}
}

/// What becomes of a request.
public struct RequestPlan: Sendable {
    /// A number of the application's own, handed back with the request.
    public var route: Int
    /// Bodies longer than this many bytes are refused with 413, unless they are ignored.
    public var maximumBodyByteCount: Int
    public var body: BodyUse
    /// The handler must have answered after this long, if that is not to be as for all others.
    public var handlerTimeoutMilliseconds: Int?
    /// Who responds; nil for the application that made the plan.
    public var responder: (any Application)?

    /// What is done with a body.
    public enum BodyUse: Sendable {
        /// `respond` is called with the head, and the body, if there is one, is discarded.
        case ignored
        /// `respond` is called with the whole body.
        case collected
        /// `respond` is called with the head, and may return an exchange through which the body is read as it comes.
        case streamed
    }

    public init(
        route: Int, maximumBodyByteCount: Int, body: BodyUse, handlerTimeoutMilliseconds: Int? = nil
    ) {
        self.route = route
        self.maximumBodyByteCount = maximumBodyByteCount
        self.body = body
        self.handlerTimeoutMilliseconds = handlerTimeoutMilliseconds
    }
}

/// How `Application.respond` ended.
public enum RequestOutcome: Sendable {
    /// The answer stands in the output; the connection goes on, or ends after it.
    case answered(keepsAlive: Bool)
    /// The response comes later, through the exchange. Until then no other request of the connection is parsed. What is
    /// to come of a body that the handler does not read waits meanwhile, as far as there is room, and is thrown away
    /// after the response.
    case suspended(Exchange)
}

/// A complete request, as the application sees it.
///
/// The bytes belong to the connection and are there until `respond` returns: not copyable, so that no reference to
/// them gets away.
@safe
public struct IncomingRequest: ~Copyable {
    public let head: RequestHead
    /// The number that `plan` gave.
    public let route: Int
    /// Whether the connection may go on after the answer, from the request's and the server's side.
    public let keepsAlive: Bool
    /// What is to come of the body, for an answer that does not wait for it.
    public let bodyRest: BodyRest
    // Both are valid until `respond` returns: the connection keeps them in place for that long.
    /// The head and, behind its `byteCount` bytes, the trailer lines of a chunked body.
    @unsafe public let headBytes: UnsafeRawBufferPointer
    @unsafe public let bodyBytes: UnsafeRawBufferPointer
    private let token: Token
    /// The client's address. A reactor closes connections without one before it reads from them.
    public let peer: SocketAddress?
    // Not retained for each request: the reactor holds it for longer than any call of `respond`.
    private let mailbox: Unmanaged<ReactorMailbox>

    /// A request whose bytes were copied elsewhere, where they stay until this value goes.
    @unsafe
    public init(
        copyOf head: RequestHead, route: Int, keepsAlive: Bool, headBytes: UnsafeRawBufferPointer,
        bodyBytes: UnsafeRawBufferPointer, peer: SocketAddress?, ticket: Ticket
    ) {
        unsafe self.init(
            head: head, route: route, keepsAlive: keepsAlive, bodyRest: .short, headBytes: headBytes,
            bodyBytes: bodyBytes, token: ticket.token, peer: peer, mailbox: .passUnretained(ticket.mailbox))
    }

    @unsafe
    init(
        head: RequestHead, route: Int, keepsAlive: Bool, bodyRest: BodyRest, headBytes: UnsafeRawBufferPointer,
        bodyBytes: UnsafeRawBufferPointer, token: Token, peer: SocketAddress?, mailbox: Unmanaged<ReactorMailbox>
    ) {
        self.head = head
        self.route = route
        self.keepsAlive = keepsAlive
        self.bodyRest = bodyRest
        unsafe self.headBytes = unsafe headBytes
        unsafe self.bodyBytes = unsafe bodyBytes
        self.token = token
        self.peer = peer
        unsafe self.mailbox = unsafe mailbox
    }

    /// The trailer lines behind a collected body, each with its CR LF; mostly none.
    @unsafe public var trailerBytes: UnsafeRawBufferPointer {
        // In range: the head's bytes begin with the head.
        unsafe UnsafeRawBufferPointer(rebasing: headBytes[head.byteCount...])
    }

    /// Where to send an answer that comes later, after `respond` has returned `.suspended`.
    public var ticket: Ticket { unsafe Ticket(token: token, mailbox: mailbox.takeUnretainedValue()) }
}
