import HTTPCore
import Platform
import Reactor

/// Writes a line for each request that was answered. Nobody waits for it: the lines gather in memory, and a thread of
/// the log's own writes them some 20 ms later. When that can't keep up, lines are dropped and counted.
///
/// Whatever a client sends, its request stays one line: what is not printable ASCII is written as `\xHH` in the text
/// formats, and as JSON demands in JSON.
///
/// A line is written when the response was handed to the connection, with its streamed body: it has the status and the
/// number of bytes that are sent, whatever the handler meant to send. Bytes of a body in memory count even if the
/// client leaves while they are on their way; of a stream, only those that the connection took. 499, which is no status
/// of HTTP's, stands for a client that left before there was a response. A handler that takes longer than it may has
/// its line, with 503, when it returns.
///
/// A line costs neither a system call nor, but in JSON, memory. Requests that the server refuses before their
/// middlewares run, because head or body is malformed, too large or too slow, are reported to
/// `ServerConfiguration.log` and are not here.
public final class AccessLog: Middleware {
    /// How a line looks.
    public enum Format: Sendable {
        /// The Common Log Format: client, name, time, request line, status, bytes of the body.
        case common
        /// The same, with Referer and User-Agent.
        case combined
        /// A JSON object with time, client, principal, method, target, status, bytes, durationMicroseconds, requestID,
        /// route, referer and userAgent; what is not known is left out.
        case json
    }

    private let format: Format
    private let buffer: LogBuffer
    private let problem: String?

    /// Creates a log that hands its lines to a closure.
    ///
    /// - Parameter write: called with whole lines, each with its line feed, on the log's thread, which it may block.
    public convenience init(_ format: Format, write: @escaping @Sendable (_ lines: [UInt8]) -> Void) {
        self.init(
            format,
            sink: { lines, _, _ in
                write(lines)
                return 0
            }, onFailure: nil)
    }

    /// Creates a log that writes to an open file, pipe, socket or terminal, by default the standard output. It stays
    /// open, and blocking or not as it is. Close it only when the server has stopped and `flush(within:)` has returned
    /// 0: whoever gets its number next would get the lines that are left.
    ///
    /// Its readers get whole lines. A reader that is slow is waited for, in memory that is bounded: lines that find no
    /// room are dropped and counted, as are those that can't be written, because the reader has left or the disk is
    /// full. A pipe without a reader raises no signal.
    ///
    /// - Parameter onFailure: called on the log's thread when writing fails, once for the same reason; by default, it
    ///   is a line on the standard error.
    public convenience init(
        _ format: Format, descriptor: Int32 = 1, onFailure: (@Sendable (_ message: String) -> Void)? = nil
    ) {
        let file = LogFile(descriptor: descriptor, report: onFailure ?? { LogFile.complain($0) })
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
        problem = failure == 0 ? nil : "\(SystemError("pthread_create", code: failure)); a log has a thread of its own"
    }

    deinit { buffer.close() }

    /// Reports that the system refused the log its thread.
    public func configure(_ options: inout RouteOptions) {
        if let problem { options.reject(self, because: problem) }
    }

    /// Lines that were dropped because too many came at once, or that could not be written.
    public var droppedLineCount: Int { buffer.droppedLineCount }

    /// Has the log write what has gathered, and waits for that, but not for longer than `duration`: to be called before
    /// the process ends, which a reader that has stopped reading must not hold up.
    ///
    /// - Returns: how many lines still wait then, and are lost if the process ends. 0 means that none does: each was
    ///   written, or was dropped because it could not be, which `droppedLineCount` tells.
    @discardableResult
    public func flush(within duration: Duration = .seconds(2)) -> Int {
        buffer.flush(within: duration)
    }

    /// Has requests to inline and blocking handlers logged when their responses were written.
    public func handle(
        _ request: borrowing Request, context: inout RequestContext,
        next: (borrowing Request, inout RequestContext) throws -> Response
    ) throws -> Response {
        context.observe(self)
        return try next(request, &context)
    }

    /// The same for async handlers.
    public func handle(
        _ request: borrowing Request, context: inout RequestContext,
        next: (borrowing Request, inout RequestContext) async throws -> Response
    ) async throws -> Response {
        context.observe(self)
        return try await next(request, &context)
    }

    /// Has a request logged that gets a 503.
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
