import HTTPCore
import Reactor

/// The response that a client got, for logs and metrics.
struct SentResponse {
    /// The status code that was sent, which may differ from the handler's; 499 or 444 if none was, because the client
    /// disconnected or the server closed the connection.
    let status: UInt16
    /// Number of bytes of the content, without chunk framing: 0 if there is none, as for HEAD. Nil if it is unknown,
    /// because the connection responded in place of the handler.
    let bodyByteCount: Int?
}

/// The outcome of writing a response.
struct WrittenResponse {
    /// Number of bytes in the body of the 500 that replaced the response, because it could not be sent as it was; nil
    /// if it could.
    var failureByteCount: Int?
    /// The status of what the connection sent in its place, if it did; see `Exchange.takeReplacement`.
    var replacement: UInt16?
    /// Number of bytes of a streamed body.
    var streamedByteCount: Int?
}

extension SentResponse {
    /// Determines what the client got from a response and the outcome of writing it.
    init(_ response: Response, _ written: WrittenResponse, isHead: Bool) {
        if let status = written.replacement {
            self.init(replacedBy: status)
        } else if let failureByteCount = written.failureByteCount {
            self.init(status: Status.internalServerError.code, bodyByteCount: isHead ? 0 : failureByteCount)
        } else {
            let hasBody = !isHead && !response.status.hasNoBody
            self.init(
                status: response.status.code,
                bodyByteCount: hasBody ? written.streamedByteCount ?? response.body.byteCount : 0)
        }
    }

    /// The response, or no response, that a connection sent in place of the handler's.
    init(replacedBy status: UInt16) {
        let isResponse = status != Exchange.NoResponse.clientDisconnected && status != Exchange.NoResponse.serverClosed
        self.init(status: status, bodyByteCount: isResponse ? nil : 0)
    }
}

/// An observer of responses. It is registered for a request with `RequestContext.observe`.
protocol ResponseObserver: AnyObject, Sendable {
    /// Called once, after all of the response was written.
    ///
    /// - Parameters:
    ///   - sent: what was sent, which may differ from the response of the handler.
    ///   - start: the clock's nanoseconds at the registration.
    func observe(
        _ sent: SentResponse, to request: borrowing Request, _ context: borrowing RequestContext, since start: Int64)
}

/// Two observers, the first of which was registered earlier.
final class ObserverPair: ResponseObserver {
    private let first: any ResponseObserver
    private let firstStart: Int64
    private let second: any ResponseObserver

    init(_ first: any ResponseObserver, since firstStart: Int64, _ second: any ResponseObserver) {
        self.first = first
        self.firstStart = firstStart
        self.second = second
    }

    func observe(
        _ sent: SentResponse, to request: borrowing Request, _ context: borrowing RequestContext, since start: Int64
    ) {
        first.observe(sent, to: request, context, since: firstStart)
        second.observe(sent, to: request, context, since: start)
    }
}
