import HyperServe
import Synchronization

/// Gives each request an ID, that of its client or a new one, and adds it to the response.
final class RequestNames: Filter {
    private let count = Atomic<Int>(0)

    func before(_ request: borrowing Request, context: inout RequestContext) throws -> Response? {
        let given = request.headers["X-Request-ID"] ?? ""
        // A client's ID appears in logs and responses: only a limited number of letters, digits and hyphens is valid.
        let isValid = (1...64).contains(given.utf8.count) && given.utf8.allSatisfy(isPlain)
        context.requestID = isValid ? given : "gateway-\(count.add(1, ordering: .relaxed).newValue)"
        return nil
    }

    func after(_ request: borrowing Request, context: inout RequestContext, response: inout Response) {
        response.headers["X-Request-ID"] = context.requestID
    }

    private func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
