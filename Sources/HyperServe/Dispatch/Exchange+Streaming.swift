import HTTPCore
import Reactor

/// A response that a task is to send, with the context that the request's middlewares have filled.
struct PendingResponse: ~Copyable {
    let response: Response
    let context: RequestContext
}

// Responses that the exchange's task sends, on the reactor.
extension Exchange {
    enum BegunStream {
        /// Nothing follows.
        case written(WrittenResponse)
        case body(BegunBody)
    }

    /// A body whose head was written.
    struct BegunBody {
        fileprivate let produce: @Sendable (ResponseWriter) async throws -> Void
        fileprivate let body: StreamedBody
        fileprivate let responded: Responded
    }

    /// Writes the head of a streamed response, or a 500 if the response is invalid.
    final func begin(_ head: ResponseHead, _ stream: ResponseStream, date: borrowing DateField) -> BegunStream {
        guard stream.isLengthValid, case .async(let produce) = stream.producer else {
            return .written(complete(encodeFailure(date: date, into: &output.last), bodyByteCount: 0))
        }
        let begun = begin(
            head, contentLength: stream.contentLength, trailerNames: stream.trailerNames, date: date,
            into: &output.last)
        guard let encoder = begun.body else { return .written(complete(begun.responded, bodyByteCount: 0)) }
        let body = StreamedBody(stream, encoder)
        return .body(BegunBody(produce: produce, body: body, responded: begun.responded))
    }

    /// Writes the body. Returns what the client gets.
    nonisolated(nonsending) final func produce(
        _ begun: BegunBody, _ dispatcher: Dispatcher
    ) async -> WrittenResponse {
        // Sends the head now: the first bytes of the body may take a while.
        flush()
        let writer = ResponseWriter(self, begun.body)
        do {
            try await begun.produce(writer)
            if !isOver { try writer.end(into: &output.last) }
            return complete(begun.responded, bodyByteCount: writer.byteCount)
        } catch {
            dispatcher.reportAborted(error)
            return complete(nil, bodyByteCount: writer.byteCount)
        }
    }

    /// Ends the exchange, or aborts it without a response. Returns what the client gets.
    final func complete(_ responded: Responded?, bodyByteCount: Int? = nil) -> WrittenResponse {
        let replacement = takeReplacement()
        if let responded { finish(responded) } else { abort() }
        return WrittenResponse(
            isReplaced: responded?.isReplaced ?? false, replacement: replacement, streamedByteCount: bodyByteCount)
    }
}
