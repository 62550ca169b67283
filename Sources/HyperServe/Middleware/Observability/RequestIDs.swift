import Glibc
import Synchronization

/// Names each request: in `RequestContext.requestID` for handlers and logs, and in the answer's `X-Request-Id`.
///
/// A name has 13 letters and digits. No two are the same until 2^64 were given out, and another start of the program
/// gives other ones; but they can be guessed, so they are no secrets.
public struct RequestIDs: Filter {
    /// The field that carries the name.
    private static let field = "X-Request-Id"

    private let acceptsForeign: Bool
    private let source = Source()

    /// Counts for all threads together.
    private final class Source: Sendable {
        let count = Atomic<UInt64>(UInt64.random(in: .min ... .max))
    }

    /// Creates the middleware.
    ///
    /// - Parameter acceptsForeign: whether a request keeps the name that its `X-Request-Id` has, if that is made of no
    ///   more than 128 letters, digits, ".", "_" and "-". Only behind a proxy that sets the field should it.
    public init(acceptsForeign: Bool = false) { self.acceptsForeign = acceptsForeign }

    /// Gives the request its name.
    public func before(_ request: borrowing Request, context: inout RequestContext) throws -> Response? {
        name(request, &context)
        return nil
    }

    private func name(_ request: borrowing Request, _ context: inout RequestContext) {
        if acceptsForeign, let foreign = request.headers[RequestIDs.field], RequestIDs.isName(foreign) {
            context.requestID = foreign
        } else {
            context.requestID = RequestIDs.name(source.count.add(1, ordering: .relaxed).oldValue)
        }
    }

    /// Tells the client the name.
    public func after(_ request: borrowing Request, context: inout RequestContext, response: inout Response) {
        response.headers[RequestIDs.field] = context.requestID
    }

    /// Names a request that gets a 503, too.
    public func refused(_ request: borrowing Request, context: inout RequestContext, response: inout Response) {
        name(request, &context)
        after(request, context: &context, response: &response)
    }

    /// Thirteen digits of five bits each: short enough for a string that needs no memory of its own.
    private static func name(_ count: UInt64) -> String {
        // SplitMix64's finisher: one to one, and neighbours look nothing alike.
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

    private static func isName(_ text: String) -> Bool {
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
