import HTTPCore
import Reactor

// What the server logs about requests. Off the path of requests that end well.
extension Dispatcher {
    /// Logs an event of a request, with the values of the request.
    ///
    /// - Parameter status: the status of the response, if the event decides it.
    @inline(never)
    func report(
        _ level: LogLevel, _ message: @autoclosure () -> String, error: (any Error)? = nil, status: Status? = nil,
        of request: borrowing Request, _ context: borrowing RequestContext
    ) {
        log.write(level) {
            var entry = LogEntry(level, message(), error: error, fields: ["path": .string(request.path)])
            if let status { entry.fields["status"] = "\(status.code)" }
            entry.requestID = context.requestID
            entry.method = request.method
            entry.routePattern = context.routePattern
            entry.peer = request.peerAddress
            return entry
        }
    }

    /// Logs an `HTTPError` that a handler or a middleware threw: what it describes is expected.
    func report(
        thrown error: HTTPError, status: Status, by request: borrowing Request, _ context: borrowing RequestContext
    ) {
        let level: LogLevel = status.code < 500 ? .debug : .warning
        if request.isOver { return reportLate(error, level, of: request, context) }
        report(
            level, "a handler or middleware threw an HTTPError", error: error, status: status, of: request, context)
    }

    /// Logs any other error that a handler or a middleware threw, which becomes a 500, unless the end of the request
    /// caused it.
    func report(thrown error: any Error, by request: borrowing Request, _ context: borrowing RequestContext) {
        if request.isOver { return reportLate(error, .warning, of: request, context) }
        report(
            .error, "a handler or middleware threw an error", error: error, status: .internalServerError, of: request,
            context)
    }

    /// Logs an error that an `ErrorMapping` has turned into a response, unless the end of the request caused it.
    func report(
        mapped error: any Error, to status: Status, of request: borrowing Request, _ context: borrowing RequestContext
    ) {
        if request.isOver { return reportLate(error, status.code < 500 ? .debug : .warning, of: request, context) }
        report(
            status.code < 500 ? .debug : error is HTTPError ? .warning : .error,
            "a handler or middleware threw an error, which was mapped to a response", error: error, status: status,
            of: request, context)
    }

    /// Logs the error that aborted a response after its head was sent, unless the end of the request caused it.
    func reportAborted(
        _ error: any Error, isServerClosing: Bool, of request: borrowing Request, _ context: borrowing RequestContext
    ) {
        // An error of another stream, such as an upstream's, ends a response too, although its own client is there.
        if request.isOver, error.isEndOfRequest { return }
        // A server that closes cancels its streams.
        guard isServerClosing, error is CancellationError || error as? StreamError == .lengthNotReached else {
            return report(.error, "a streamed response was aborted", error: error, of: request, context)
        }
        report(
            .warning, "a streamed response was aborted, since the server stops before it is complete", error: error,
            of: request, context)
    }

    /// Logs an error that was thrown when no response could be sent any more. The reactor has logged why the request
    /// ended, unless the client disconnected, which is not logged.
    private func reportLate(
        _ error: any Error, _ level: LogLevel, of request: borrowing Request, _ context: borrowing RequestContext
    ) {
        if error.isEndOfRequest { return }
        report(
            level, "a handler or middleware threw an error after its request was over", error: error, of: request,
            context)
    }
}

extension Error {
    /// Whether the end of a request may have caused the error.
    fileprivate var isEndOfRequest: Bool {
        self is CancellationError || (self as? StreamError)?.isMistake == false
    }
}
