import HTTPCore
import Reactor

/// Answers with what it was asked, so that two runs can be compared. The path tells how: `/e…` wants no body, `/c…`
/// closes, `/l…` answers later, `/w…` wants no body and answers later, `/s…` reads its body as it comes.
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

    func respond(
        to request: consuming IncomingRequest, date: borrowing DateField, output: inout OutputQueue
    ) -> RequestOutcome {
        // The bytes are there until this function returns.
        let bytes = unsafe RawSpan(_unsafeBytes: request.headBytes)
        let letter = Self.letter(request.head, bytes)
        let isLate = letter == UInt8(ascii: "l") || letter == UInt8(ascii: "w")
        if isLate || letter == UInt8(ascii: "s") {
            let exchange = Exchange(ticket: request.ticket, isBlocking: true)
            exchange.prepare(request.bodyRest, isBodyStreamed: !isLate)
            return .suspended(exchange)
        }
        let keepsAlive = request.keepsAlive && request.bodyRest == .short && letter != UInt8(ascii: "c")
        let target = request.head.target
        output.last.append(utf8: "\(request.head.method) \(keepsAlive) ")
        unsafe output.last.append(
            UnsafeRawBufferPointer(rebasing: request.headBytes[target.lowerBound..<target.upperBound]))
        output.last.append(" ")
        unsafe output.last.append(request.bodyBytes)
        output.last.append("\n")
        return .answered(keepsAlive: keepsAlive)
    }

    /// What stands behind the path's slash, or zero.
    private static func letter(_ head: borrowing RequestHead, _ bytes: RawSpan) -> UInt8 {
        let path = head.path
        guard path.count > 1 else { return 0 }
        return unsafe bytes.unsafeLoad(fromByteOffset: path.lowerBound + 1, as: UInt8.self)
    }
}
