public import HTTPCore

/// What a reactor serves: the interface between protocols and handlers. Each request makes two calls, `plan` and
/// `respond`.
///
/// Its functions run on the reactor's thread and must not block.
package protocol Application: AnyObject, Sendable {
    /// Decides from the head alone what is done with a request, before any of its body is read.
    func plan(for head: borrowing RequestHead, bytes: RawSpan) -> RequestPlan

    /// Responds to requests that were planned just now, once their bodies have arrived. Another object than this one if
    /// the numbers of routes may change until then.
    var responder: any Application { get }

    /// Sends the response through `sender`, or takes the request over to respond later.
    func respond(to request: consuming IncomingRequest, with sender: consuming ResponseSender) -> RequestOutcome

    /// The setting that a limit of bodies comes from, by the `RequestPlan.bodyLimitTag` of a plan of any time, for the
    /// response to a longer body and the log.
    func bodyLimitName(_ tag: UInt8) -> StaticString

    /// Returns the response to a request that the protocol refuses, or whose handler it no longer waits for. The
    /// protocol encodes it, without the body where none is allowed.
    ///
    /// - Parameters:
    ///   - detail: the reason, a sentence without anything that the client sent.
    ///   - head: the head of the request, in `bytes`; nil if it was not received, or is malformed.
    func errorResponse(_ status: Status, detail: String, to head: RequestHead?, bytes: RawSpan) -> CompleteResponse

    /// Returns the pattern of the route that a request has, for the log; nil if it has none.
    func routePattern(of head: RequestHead, bytes: RawSpan) -> String?

    /// Called on the reactor's thread after another thread has woken it, to take over new routes, for instance.
    func refresh()
}

extension Application {
    package func refresh() {}

    package func bodyLimitName(_ tag: UInt8) -> StaticString { "the application" }

    package func routePattern(of head: RequestHead, bytes: RawSpan) -> String? { nil }

    package func errorResponse(
        _ status: Status, detail: String, to head: RequestHead?, bytes: RawSpan
    ) -> CompleteResponse {
        let head = ResponseHead(status: status, contentType: .plainText, fields: HeaderFields())
        return CompleteResponse(head: head, content: .text(detail + "\n"))
    }

    package var responder: any Application { self }
}

/// A response with its whole body, in any protocol.
package struct CompleteResponse: Sendable {
    package let head: ResponseHead
    package let content: ResponseContent

    package init(head: ResponseHead, content: ResponseContent) {
        self.head = head
        self.content = content
    }
}

/// What is done with a request.
package struct RequestPlan: Sendable {
    /// A number of the application's choice, which is passed to `respond` with the request.
    package var route: Int
    /// Bodies longer than this many bytes are refused with 413, unless they are ignored.
    package var maximumBodyByteCount: Int
    package var body: BodyUse
    /// A number of the application's choice for the setting that the limit comes from; see `bodyLimitName(_:)`.
    package var bodyLimitTag: UInt8
    /// The timeout, or a negative number for none: a plan is copied for each request, and an optional is larger.
    private var handlerTimeout: Int

    /// How a body reaches the handler.
    package enum BodyUse: Sendable {
        /// `respond` is called with the head, and the body, if there is one, is discarded.
        case ignored
        /// `respond` is called with the whole body.
        case collected
        /// `respond` is called with the head, and may return an exchange through which the body is read as it arrives.
        case streamed
    }

    package init(
        route: Int, maximumBodyByteCount: Int, bodyLimitTag: UInt8 = 0, body: BodyUse,
        handlerTimeoutMilliseconds: Int? = nil
    ) {
        self.route = route
        self.maximumBodyByteCount = maximumBodyByteCount
        self.body = body
        self.bodyLimitTag = bodyLimitTag
        handlerTimeout = handlerTimeoutMilliseconds ?? -1
    }

    /// Milliseconds after which the handler must have begun its response; nil for the server's default.
    package var handlerTimeoutMilliseconds: Int? { handlerTimeout < 0 ? nil : handlerTimeout }
}

/// How `Application.respond` ended.
package enum RequestOutcome: Sendable {
    /// The response was sent.
    case responded(Responded)
    /// The response follows through the exchange. Until then no other request of the connection is parsed. The rest of
    /// a body that the handler does not read is buffered meanwhile, as far as there is room, and dropped after the
    /// response.
    case suspended(Exchange)
}

/// Sends the response of an inline handler, encoded by the connection's protocol.
@safe
public struct ResponseSender: ~Copyable {
    @usableFromInline let encoder: ProtocolEncoder
    // Both are valid until `respond` returns: they are the connection's and the reactor's, and this can't be copied.
    @usableFromInline let output: UnsafeMutablePointer<OutputQueue>
    @usableFromInline let date: UnsafePointer<DateField>

    @inlinable
    init(
        encoder: ProtocolEncoder, output: UnsafeMutablePointer<OutputQueue>, date: UnsafePointer<DateField>
    ) {
        self.encoder = encoder
        unsafe self.output = output
        unsafe self.date = date
    }

    /// Sends a response that is complete. Called once. If the response can't be sent, a 500 without a body takes its
    /// place, and `sendFailure` may be called after it.
    @inlinable
    public borrowing func send(_ head: borrowing ResponseHead, _ content: ResponseContent) -> Responded {
        unsafe encoder.encode(head, content, date: date.pointee, into: &output.pointee)
    }

    /// Sends a response in place of that 500.
    package consuming func sendFailure(_ head: borrowing ResponseHead, _ content: ResponseContent) -> Responded {
        // A copy: under ThreadSanitizer, Swift 6.3 can't compile a change through a property of a consumed `self`.
        let sender = self
        unsafe sender.encoder.removeFailure(date: sender.date.pointee, from: &sender.output.pointee)
        return unsafe sender.encoder.encodeFailure(
            head, content, date: sender.date.pointee, into: &sender.output.pointee)
    }
}

/// A complete request, as the application sees it.
///
/// The bytes belong to the connection and are valid until `respond` returns. Not copyable, so that no reference to them
/// outlives it.
@safe
public struct IncomingRequest: ~Copyable {
    public let head: RequestHead
    /// The number that `plan` returned.
    public let route: Int
    let encoder: ProtocolEncoder
    // Both are valid until `respond` returns: the connection keeps them in place for that long.
    /// The head and, after its `byteCount` bytes, the trailer section of a chunked body.
    @unsafe public let headBytes: UnsafeRawBufferPointer
    @unsafe public let bodyBytes: UnsafeRawBufferPointer
    private let token: Token
    /// Which of the connection's requests this is.
    private let stream: UInt32
    /// The client's address. A reactor closes connections without one before it reads from them.
    public let peer: SocketAddress?
    // Not retained for each request: the reactor holds it for longer than any call of `respond`.
    private let mailbox: Unmanaged<ReactorMailbox>

    /// Creates a request whose bytes were copied, and are valid for as long as this value is used.
    @unsafe
    package init(
        copyOf head: RequestHead, route: Int, headBytes: UnsafeRawBufferPointer, bodyBytes: UnsafeRawBufferPointer,
        peer: SocketAddress?, ticket: Ticket
    ) {
        unsafe self.init(
            head: head, route: route, encoder: ticket.encoder, headBytes: headBytes, bodyBytes: bodyBytes,
            token: ticket.token, stream: ticket.stream, peer: peer, mailbox: .passUnretained(ticket.mailbox))
    }

    @unsafe
    init(
        head: RequestHead, route: Int, encoder: ProtocolEncoder, headBytes: UnsafeRawBufferPointer,
        bodyBytes: UnsafeRawBufferPointer, token: Token, stream: UInt32, peer: SocketAddress?,
        mailbox: Unmanaged<ReactorMailbox>
    ) {
        self.head = head
        self.route = route
        self.encoder = encoder
        unsafe self.headBytes = unsafe headBytes
        unsafe self.bodyBytes = unsafe bodyBytes
        self.token = token
        self.stream = stream
        self.peer = peer
        unsafe self.mailbox = unsafe mailbox
    }

    /// The request's method.
    @inlinable package var method: Method {
        // The bytes begin with the head.
        unsafe head.method(in: RawSpan(_unsafeBytes: headBytes))
    }

    /// The trailer section after a collected body, with a CR LF after each field; mostly empty.
    @unsafe public var trailerBytes: UnsafeRawBufferPointer {
        // In range: the head's bytes begin with the head.
        unsafe UnsafeRawBufferPointer(rebasing: headBytes[head.byteCount...])
    }

    /// Where to send the response after `respond` has returned `.suspended`.
    public var ticket: Ticket {
        unsafe Ticket(token: token, stream: stream, mailbox: mailbox.takeUnretainedValue(), encoder: encoder)
    }
}

/// The destination of a response that is sent after `respond` has returned: a request of a connection of a reactor.
public struct Ticket: Sendable {
    let token: Token
    /// Which of the connection's requests: one connection may have many.
    let stream: UInt32
    let mailbox: ReactorMailbox
    let encoder: ProtocolEncoder

    /// Runs tasks on the thread of the connection's reactor.
    public var executor: ReactorExecutor { mailbox.executor }
    /// What tasks are isolated to that run there.
    package var actor: ReactorActor { mailbox.actor }
}
