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
        case complete(Responded)
        case body(BegunBody)
        /// The response can't be sent.
        case invalid
    }

    /// A body whose head was written.
    struct BegunBody {
        fileprivate let produce: @Sendable (ResponseWriter) async throws -> Void
        fileprivate let body: StreamedBody
        fileprivate let responded: Responded
    }

    /// Writes the head of a streamed response.
    final func begin(_ head: ResponseHead, _ stream: ResponseStream, date: borrowing DateField) -> BegunStream {
        guard stream.isLengthValid, case .async(let produce) = stream.producer else { return .invalid }
        let begun = begin(
            head, contentLength: stream.contentLength, trailerNames: stream.trailerNames, date: date,
            into: &output.last)
        if begun.responded.isReplaced { return .invalid }
        guard let encoder = begun.body else { return .complete(begun.responded) }
        return .body(BegunBody(produce: produce, body: StreamedBody(stream, encoder), responded: begun.responded))
    }

    /// Writes the body. Returns nil if it is incomplete, and the number of its bytes.
    nonisolated(nonsending) final func produce(
        _ begun: BegunBody, of request: borrowing Request, _ context: borrowing RequestContext,
        _ dispatcher: Dispatcher
    ) async -> (Responded?, byteCount: Int) {
        // Sends the head now: the first bytes of the body may take a while.
        flush()
        beginStream()
        let writer = ResponseWriter(self, begun.body, dispatcher.table.blockingPool)
        do {
            do { try await begun.produce(writer) } catch  where endsStream(error) {}
            if !isOver { try writer.end(into: &output.last) }
            return (begun.responded, writer.byteCount)
        } catch {
            dispatcher.reportAborted(error, isServerClosing: isServerClosing, of: request, context)
            return (nil, writer.byteCount)
        }
    }

    /// Ends the exchange, or aborts it without a response. Returns the status of what the client gets instead, if it
    /// does.
    final func conclude(_ responded: Responded?) -> UInt16? {
        let replacement = takeReplacement()
        if let responded { finish(responded) } else { abort() }
        return replacement
    }

    /// Sends a 500 in place of a response that can't be sent. Returns what the client gets.
    @inline(never)
    final func fail(
        _ request: borrowing Request, date: borrowing DateField, _ dispatcher: Dispatcher
    ) -> WrittenResponse {
        let failure = dispatcher.failure(of: request)
        // The 500 without a body that the encoder may have appended.
        output.removeAll()
        let replacement = conclude(encodeFailure(failure.head, failure.content, date: date, into: &output))
        return WrittenResponse(failureByteCount: failure.content.byteCount, replacement: replacement)
    }
}
