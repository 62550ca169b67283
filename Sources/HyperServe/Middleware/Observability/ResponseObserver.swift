import HTTPCore
import Reactor

/// What a client got, as logs and metrics report it.
struct SentResponse {
    /// The status code that was sent, which need not be the handler's; 499 if the client left before it was sent any.
    let status: UInt16
    /// Bytes of the content, without chunk framing: 0 where there is none, as for HEAD. Nil if that is unknown, because
    /// the connection responded in place of the handler.
    let bodyByteCount: Int?
}

/// What became of a response when all of it was written.
struct WrittenResponse {
    /// It had a field that must not be sent, and is a 500 now.
    let isReplaced: Bool
    /// The status of what the client gets in its place, if it does; see `Exchange.takeReplacement`.
    var replacement: UInt16?
    /// Bytes of a body that was streamed.
    var streamedByteCount: Int?
}

extension SentResponse {
    /// What the client gets.
    init(_ response: Response, _ written: WrittenResponse, isHead: Bool) {
        if let status = written.replacement {
            self.init(replacedBy: status)
        } else if written.isReplaced {
            self.init(status: Status.internalServerError.code, bodyByteCount: 0)
        } else {
            let hasBody = !isHead && !response.status.hasNoBody
            self.init(
                status: response.status.code,
                bodyByteCount: hasBody ? written.streamedByteCount ?? response.body.byteCount : 0)
        }
    }

    /// What a connection sent in place of a response, or that it sent nothing.
    init(replacedBy status: UInt16) {
        self.init(status: status, bodyByteCount: status == Exchange.noResponseStatus ? 0 : nil)
    }
}

/// Hears once of each response that it asked for with `RequestContext.observe`, when the last of it was written: of
/// what was sent, and not of what a handler returned.
protocol ResponseObserver: AnyObject, Sendable {
    /// - Parameter start: the clock's nanoseconds when the observer asked.
    func observe(
        _ sent: SentResponse, to request: borrowing Request, _ context: borrowing RequestContext, since start: Int64)
}

/// Two observers, of which the first asked earlier.
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
