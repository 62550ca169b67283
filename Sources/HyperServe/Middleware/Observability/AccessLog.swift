import HTTPCore
import Platform
import Reactor

/// Writes a line for each response. No request waits for it: the lines collect in memory, and a thread of the log
/// writes them about 20 ms later. If that can't keep up, lines are dropped and counted.
///
/// Each request is one line, whatever a client sends: characters that are not printable ASCII are written as `\xHH` in
/// the text formats, and escaped as JSON requires in JSON.
///
/// A line is written when the complete response, including a streamed body, was passed to the connection. It has the
/// status and the number of bytes that are sent, which may differ from the handler's response. All bytes of a body in
/// memory count, even if the client disconnects while they are sent; of a stream, only those that the connection
/// accepted. Two statuses that HTTP does not have mean that there was no response: 499, the client disconnected, and
/// 444, the server closed the connection because it stopped. The line of a handler that exceeds its timeout has 503,
/// and is written when the handler returns.
///
/// A line costs no system call and, except in JSON, no allocation. Requests that the server rejects before their
/// middlewares run, because the head or the body is malformed, too large or too slow, are reported to
/// `ServerConfiguration.log` instead.
public final class AccessLog: RequestFilter, RouteConfiguration, RefusalFilter {
    /// The format of a line.
    public enum Format: Sendable {
        /// The Common Log Format: client, user name, time, request line, status, bytes of the body.
        case common
        /// The Common Log Format with Referer and User-Agent.
        case combined
        /// A JSON object with time, client, principal, method, target, status, bytes, durationMicroseconds, requestID,
        /// route, referer and userAgent. Unknown values are left out.
        case json
    }

    private let format: Format
    private let buffer: LogBuffer
    private let problem: String?

    /// Creates a log that passes its lines to a closure.
    ///
    /// - Parameter write: called with complete lines, including their line feeds, on the log's thread, which it may
    ///   block.
    public convenience init(_ format: Format, write: @escaping @Sendable (_ lines: [UInt8]) -> Void) {
        self.init(
            format,
            sink: { lines, _, _ in
                write(lines)
                return 0
            }, onFailure: nil)
    }

    /// Creates a log that writes to an open file, pipe, socket or terminal, by default the standard output. The log
    /// does not close the descriptor or change its blocking mode. Close it only after the server has stopped and
    /// `flush(within:)` has returned 0: a later file with the same number would get the remaining lines.
    ///
    /// Readers get complete lines. While a reader is slow, lines wait in a bounded amount of memory; lines that don't
    /// fit are dropped and counted, and so are lines that can't be written because the reader has gone or the disk is
    /// full. Writing to a pipe without a reader raises no signal.
    ///
    /// - Parameter onFailure: called on the log's thread when writing fails, and again only when the reason changes.
    ///   The default writes a line to the standard error.
    public convenience init(
        _ format: Format, descriptor: Int32 = 1, onFailure: (@Sendable (_ message: String) -> Void)? = nil
    ) {
        let file = LogFile(
            descriptor: descriptor, report: onFailure ?? { StandardErrorLog().write(LogEntry(.error, $0)) })
        self.init(
            format, sink: { lines, mayWait, written in file.write(lines, mayWait: mayWait, written: written) },
            onFailure: onFailure)
    }

    private init(
        _ format: Format, sink: @escaping LogBuffer.Sink, onFailure: (@Sendable (_ message: String) -> Void)?
    ) {
        self.format = format
        buffer = LogBuffer(write: sink)
        let failure = buffer.start()
        problem = failure == 0 ? nil : "\(SystemError("pthread_create", code: failure)); a log needs a thread"
    }

    deinit { buffer.close() }

    /// Rejects the log if its thread could not be started.
    public func configure(_ options: inout RouteOptions) {
        if let problem { options.reject(self, because: problem) }
    }

    /// Number of lines that were dropped because too many came at once, or that could not be written.
    public var droppedLineCount: Int { buffer.droppedLineCount }

    /// Writes the lines in memory, and waits until they are written, for at most `duration`. Call it before the process
    /// ends.
    ///
    /// - Returns: the number of lines that are not written yet, which are lost if the process ends. 0 means that each
    ///   line was written, or dropped and counted in `droppedLineCount`. In the closure of `init(_:write:)` it returns
    ///   at once; the lines that the closure was called with count as not written.
    @discardableResult
    public func flush(within duration: Duration = .seconds(2)) -> Int {
        buffer.flush(within: duration)
    }

    /// Has the request logged when its response was written.
    public func before(_ request: borrowing Request, context: inout RequestContext) -> Response? {
        context.observe(self)
        return nil
    }

    /// Logs a request that gets 503 instead of a call of its handler.
    public func refused(_ request: borrowing Request, context: inout RequestContext, response: inout Response) {
        context.observe(self)
    }
}

extension AccessLog: ResponseObserver {
    func observe(
        _ sent: SentResponse, to request: borrowing Request, _ context: borrowing RequestContext, since start: Int64
    ) {
        let date = DateField(unixSeconds: context.clock.unixSeconds)
        buffer.append { line in
            switch format {
            case .common:
                line.appendCommonLog(request, context, sent, date)
            case .combined:
                line.appendCommonLog(request, context, sent, date)
                for name in ["Referer", "User-Agent"] {
                    line.append(" ")
                    line.appendQuotedField(name, of: request)
                }
            case .json:
                let duration = Duration.nanoseconds(context.clock.nanoseconds - start)
                line.appendJSONLog(request, context, sent, date, duration)
            }
            line.append("\n")
        }
    }
}
