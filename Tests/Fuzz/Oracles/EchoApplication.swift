import HTTP1
import HTTPCore

@testable import Reactor

/// Responds with the contents of the request, so that two runs can be compared. The path decides how: `/e…` ignores the
/// body, `/c…` closes, `/l…` responds later, `/w…` ignores the body and responds later, `/s…` streams its body.
final class EchoApplication: Application {
    static let maximumBodyByteCount = 100

    func plan(for head: borrowing RequestHead, bytes: RawSpan) -> RequestPlan {
        let use: RequestPlan.BodyUse =
            switch Self.letter(head, bytes) {
            case UInt8(ascii: "e"), UInt8(ascii: "w"): .ignored
            case UInt8(ascii: "s"): .streamed
            default: .collected
            }
        return RequestPlan(route: 7, maximumBodyByteCount: Self.maximumBodyByteCount, body: use)
    }

    func respond(to request: consuming IncomingRequest, with sender: consuming ResponseSender) -> RequestOutcome {
        // Under ThreadSanitizer, Swift 6.3 can't compile a change through a property of a consumed parameter.
        let sender = sender
        // The bytes are valid until this function returns.
        let bytes = unsafe RawSpan(_unsafeBytes: request.headBytes)
        let letter = Self.letter(request.head, bytes)
        let isLate = letter == UInt8(ascii: "l") || letter == UInt8(ascii: "w")
        if isLate || letter == UInt8(ascii: "s") {
            let exchange = Exchange(ticket: request.ticket, isBlocking: true, isBodyStreamed: !isLate)
            return .suspended(exchange)
        }
        let keepsAlive = sender.encoder.http1.keepsAlive && letter != UInt8(ascii: "c")
        let target = request.head.target
        unsafe sender.output.pointee.last.append(utf8: "\(request.method) \(keepsAlive) ")
        unsafe sender.output.pointee.last.append(
            UnsafeRawBufferPointer(rebasing: request.headBytes[target.lowerBound..<target.upperBound]))
        unsafe sender.output.pointee.last.append(" ")
        unsafe sender.output.pointee.last.append(request.bodyBytes)
        unsafe sender.output.pointee.last.append("\n")
        return .responded(Responded(keepsAlive: keepsAlive))
    }

    /// Returns the byte after the path's first slash, or zero.
    private static func letter(_ head: borrowing RequestHead, _ bytes: RawSpan) -> UInt8 {
        let path = head.path
        guard path.count > 1 else { return 0 }
        return unsafe bytes.unsafeLoad(fromByteOffset: path.lowerBound + 1, as: UInt8.self)
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
