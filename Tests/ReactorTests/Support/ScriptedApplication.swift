import HTTP1
import HTTPCore

@testable import Reactor

/// An application whose responses are one line each, so that a test can read them without parsing HTTP: `GET /a keep`,
/// or with a body `POST /a keep 5:hello`.
///
/// The path of a request decides its handling:
/// - `/early…` ignores the body and responds before it, `/early/later…` by `ConnectionHarness.resume`,
/// - `/close…` ends the connection although the client would keep it,
/// - `/later…` responds by `ConnectionHarness.resume`,
/// - `/stream…` responds by a task through an exchange that streams the body, `/stream/blocking…` by a thread,
/// - `/stream/inline` responds at once, without a byte of its streamed body,
/// - `/big/N…` responds with N bytes.
final class ScriptedApplication: Application {
    static let maximumBodyByteCount = 1000

    func plan(for head: borrowing RequestHead, bytes: RawSpan) -> RequestPlan {
        let path = Self.path(head, bytes)
        return RequestPlan(
            route: 7, maximumBodyByteCount: Self.maximumBodyByteCount,
            body: path.hasPrefix("/early") ? .ignored : path.hasPrefix("/stream") ? .streamed : .collected)
    }

    func respond(to request: consuming IncomingRequest, with sender: consuming ResponseSender) -> RequestOutcome {
        // Under ThreadSanitizer, Swift 6.3 can't compile a change through a property of a consumed parameter.
        let sender = sender
        precondition(request.route == 7, "the request has the route of its plan")
        // The bytes are valid until this function returns.
        let path = unsafe Self.path(request.head, RawSpan(_unsafeBytes: request.headBytes))
        let body = unsafe String(decoding: request.bodyBytes, as: UTF8.self)
        let isStreamed = path.hasPrefix("/stream") && path != "/stream/inline"
        if isStreamed || path.hasPrefix("/later") || path.hasPrefix("/early/later") {
            let exchange = Exchange(
                ticket: request.ticket, isBlocking: !isStreamed || path.hasPrefix("/stream/blocking"),
                isBodyStreamed: isStreamed)
            return .suspended(exchange)
        }
        let keepsAlive = sender.encoder.http1.keepsAlive && !path.hasPrefix("/close")
        if path.hasPrefix("/big/") {
            let count = Int(path.dropFirst(5).prefix { $0.isNumber }) ?? 0
            unsafe sender.output.pointee.last.append(utf8: String(repeating: "x", count: count))
        } else {
            let line =
                "\(request.method) \(path) \(keepsAlive ? "keep" : "close")"
                + (body.isEmpty ? "" : " \(body.utf8.count):\(body)") + "\n"
            unsafe sender.output.pointee.last.append(utf8: line)
        }
        return .responded(Responded(keepsAlive: keepsAlive))
    }

    private static func path(_ head: borrowing RequestHead, _ bytes: RawSpan) -> String {
        let range = head.path
        return unsafe bytes.withUnsafeBytes { bytes in
            // In range: the parser's ranges lie within the head.
            unsafe String(
                decoding: UnsafeRawBufferPointer(rebasing: bytes[range.lowerBound..<range.upperBound]), as: UTF8.self)
        }
    }
}

extension ProtocolEncoder {
    var http1: ResponseEncoder {
        switch self {
        case .http1(let encoder): encoder
        }
    }
}

extension Responded {
    /// The result of a response of HTTP/1.
    init(keepsAlive: Bool) { self.init(.http1(ResponseEncoder.Encoded(keepsAlive: keepsAlive))) }
}
