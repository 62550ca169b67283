import Synchronization

/// Gives each request an ID: in `RequestContext.requestID` for handlers and logs, and in the response's `X-Request-Id`.
///
/// An ID has 13 letters and digits. No two of the first 2^64 are the same, and they differ after a restart of the
/// program. They can be guessed, so don't use them as secrets.
public struct RequestIDs: Filter, RefusalFilter {
    /// The field with the ID.
    private static let field = "X-Request-Id"

    private let acceptsForeign: Bool
    private let source = Source()

    /// The count of IDs, shared by all threads.
    private final class Source: Sendable {
        let count = Atomic<UInt64>(UInt64.random(in: .min ... .max))
    }

    /// Creates the middleware.
    ///
    /// - Parameter acceptsForeign: whether a request keeps the ID of its `X-Request-Id` field, if that has at most 128
    ///   letters, digits, ".", "_" and "-". Use it only if a proxy in front of the server sets the field.
    public init(acceptsForeign: Bool = false) { self.acceptsForeign = acceptsForeign }

    /// Sets the request's ID.
    public func before(_ request: borrowing Request, context: inout RequestContext) throws -> Response? {
        setID(of: request, &context)
        return nil
    }

    private func setID(of request: borrowing Request, _ context: inout RequestContext) {
        if acceptsForeign, let foreign = request.headers[RequestIDs.field], RequestIDs.isValid(foreign) {
            context.requestID = foreign
        } else {
            context.requestID = RequestIDs.id(source.count.add(1, ordering: .relaxed).oldValue)
        }
    }

    /// Adds the ID to the response.
    public func after(_ request: borrowing Request, context: inout RequestContext, response: inout Response) {
        response.headers[RequestIDs.field] = context.requestID
    }

    /// Sets the ID of a request that gets 503, and adds it to the response.
    public func refused(_ request: borrowing Request, context: inout RequestContext, response: inout Response) {
        setID(of: request, &context)
        after(request, context: &context, response: &response)
    }

    /// Thirteen digits of five bits each: short enough for a string without an allocation.
    private static func id(_ count: UInt64) -> String {
        // SplitMix64's finisher: a bijection, in which neighbours look nothing alike.
        var bits = (count ^ count >> 30) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
        bits ^= bits >> 31
        let digits: StaticString = "0123456789abcdefghjkmnpqrstvwxyz"
        return unsafe String(unsafeUninitializedCapacity: 13) { buffer in
            for index in 0..<13 {
                // In bounds: the buffer has 13 bytes, and five bits number 32 digits.
                unsafe buffer[index] = digits.utf8Start[Int(bits & 31)]
                bits >>= 5
            }
            return 13
        }
    }

    private static func isValid(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
                case UInt8(ascii: "0")...UInt8(ascii: "9"): true
                case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"): true
                default: false
                }
            }
    }
}
