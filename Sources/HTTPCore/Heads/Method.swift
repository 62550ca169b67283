/// A request method, RFC 9110 section 9: one of RFC 9110 and RFC 5789, or any other token of 1 to 32 bytes, such as
/// `PURGE` or those of WebDAV.
///
/// Methods are case-sensitive: `Method("get")` is another method than `.get`. A server responds with 501 to a method
/// that none of its routes has.
public struct Method: Sendable, Hashable, BitwiseCopyable {
    // A standard method: its number, and zeros. Any other: its token in the order of memory, and zeros. The first word
    // tells them apart, since no byte of a token is as small as the numbers are.
    @usableFromInline let first: UInt64
    @usableFromInline let second: UInt64
    @usableFromInline let third: UInt64
    @usableFromInline let fourth: UInt64

    /// The size of the longest method in bytes.
    package static let maximumByteCount = 32

    /// A standard method; the number must be one.
    @inlinable init(standard number: MethodNumber) {
        first = UInt64(number.rawValue)
        second = 0
        third = 0
        fourth = 0
    }

    private init(token words: (UInt64, UInt64, UInt64, UInt64)) { (first, second, third, fourth) = words }

    /// Transfers the target's representation.
    @inlinable public static var get: Method { Method(standard: .get) }
    /// Same as GET, without the content.
    @inlinable public static var head: Method { Method(standard: .head) }
    /// Has the target process the content.
    @inlinable public static var post: Method { Method(standard: .post) }
    /// Replaces the target's state with the content.
    @inlinable public static var put: Method { Method(standard: .put) }
    /// Removes the target's state.
    @inlinable public static var delete: Method { Method(standard: .delete) }
    /// Opens a tunnel to the target.
    @inlinable public static var connect: Method { Method(standard: .connect) }
    /// Asks for the communication options of the target.
    @inlinable public static var options: Method { Method(standard: .options) }
    /// Performs a loop-back test along the path to the target.
    @inlinable public static var trace: Method { Method(standard: .trace) }
    /// Changes the target as the content says (RFC 5789).
    @inlinable public static var patch: Method { Method(standard: .patch) }

    /// The methods of RFC 9110 and RFC 5789.
    package static var standard: [Method] { MethodNumber.standard.map { Method(standard: $0) } }

    /// Its number: that of a standard method, or `other`.
    @inlinable package var number: MethodNumber {
        first <= UInt64(MethodNumber.patch.rawValue) ? MethodNumber(rawValue: UInt8(truncatingIfNeeded: first)) : .other
    }

    /// The token in a request line.
    public var name: String {
        guard number == .other else { return number.name.description }
        return unsafe withUnsafeBytes(of: (first, second, third, fourth)) { bytes in
            // The bytes of the four words: the token and the zeros after it.
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}

extension Method {
    /// The method whose token is `bytes[start..<end]`; nil if that is not a token of 1 to 32 bytes.
    package init?(_ bytes: Span<UInt8>, from start: Int, to end: Int) {
        if let number = MethodNumber(bytes, from: start, to: end) {
            self.init(standard: number)
            return
        }
        guard (1...Method.maximumByteCount).contains(end - start),
            bytes.endOfRun(of: .token, from: start, to: end) == end
        else { return nil }
        var words = (UInt64(0), UInt64(0), UInt64(0), UInt64(0))
        unsafe withUnsafeMutableBytes(of: &words) { room in
            // In bounds: there is room for 32 bytes, and the token has no more.
            for index in start..<end { unsafe room[index - start] = bytes[index] }
        }
        self.init(token: words)
    }
}

extension Method: LosslessStringConvertible {
    /// The token.
    public var description: String { name }

    /// Creates the method with a token; nil unless it is one (RFC 9110 section 5.6.2) of 1 to 32 bytes.
    public init?(_ description: String) {
        let bytes = Array(description.utf8)
        self.init(bytes.span, from: 0, to: bytes.count)
    }
}

extension Method: ExpressibleByStringLiteral {
    /// Creates the method with a token that is written in the program: `"PURGE"`.
    ///
    /// - Precondition: It is a token of 1 to 32 bytes. For one that the program does not spell out, there is
    ///   `init(_:)`.
    public init(stringLiteral token: StaticString) {
        guard let method = Method(token.description) else { preconditionFailure("\(token) is not a method") }
        self = method
    }
}

extension Method: Codable {
    /// Decodes a token. Throws `DecodingError` if the string is not one.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let method = Method(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a request method")
        }
        self = method
    }

    /// Encodes the token as a string.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(name)
    }
}

/// A method in one byte, as parser and router compare it: below 9 one of the standard methods, in the order of the
/// constants; from 10 on one of the methods that a table of routes has besides.
@usableFromInline
package struct MethodNumber: Sendable, Hashable, BitwiseCopyable {
    @usableFromInline package let rawValue: UInt8

    @inlinable package init(rawValue: UInt8) { self.rawValue = rawValue }

    @inlinable package static var get: MethodNumber { MethodNumber(rawValue: 0) }
    @inlinable package static var head: MethodNumber { MethodNumber(rawValue: 1) }
    @inlinable package static var post: MethodNumber { MethodNumber(rawValue: 2) }
    @inlinable package static var put: MethodNumber { MethodNumber(rawValue: 3) }
    @inlinable package static var delete: MethodNumber { MethodNumber(rawValue: 4) }
    @inlinable package static var connect: MethodNumber { MethodNumber(rawValue: 5) }
    @inlinable package static var options: MethodNumber { MethodNumber(rawValue: 6) }
    @inlinable package static var trace: MethodNumber { MethodNumber(rawValue: 7) }
    @inlinable package static var patch: MethodNumber { MethodNumber(rawValue: 8) }
    /// A method that is not standard, whose token has to be read to know it.
    @inlinable package static var other: MethodNumber { MethodNumber(rawValue: 9) }

    /// The numbers of the methods of RFC 9110 and RFC 5789.
    package static var standard: [MethodNumber] { (get.rawValue...patch.rawValue).map { MethodNumber(rawValue: $0) } }

    /// The number of the standard method whose token is `bytes[start..<end]`, or nil.
    package init?(_ bytes: Span<UInt8>, from start: Int, to end: Int) {
        for number in MethodNumber.get.rawValue...MethodNumber.patch.rawValue {
            self.init(rawValue: number)
            if bytes.equals(name, from: start, to: end) { return }
        }
        return nil
    }

    /// The token of a standard method.
    var name: StaticString {
        switch rawValue {
        case 0: "GET"
        case 1: "HEAD"
        case 2: "POST"
        case 3: "PUT"
        case 4: "DELETE"
        case 5: "CONNECT"
        case 6: "OPTIONS"
        case 7: "TRACE"
        case 8: "PATCH"
        default: ""
        }
    }
}

extension RequestHead {
    /// The method, whose token is at the beginning of the head, between empty lines and the target.
    ///
    /// - Parameter bytes: the bytes of the head.
    @inlinable @inline(__always)
    package func method(in bytes: RawSpan) -> Method {
        method == .other ? Method(before: target.lowerBound, in: bytes) : Method(standard: method)
    }
}

extension Method {
    /// The method of a head whose target begins at `target`.
    @usableFromInline @inline(never)
    init(before target: Int, in head: RawSpan) {
        // Any byte is a valid UInt8, and bytes have no alignment.
        let input = unsafe head._unsafeView(as: UInt8.self)
        var start = 0
        while input[start] == ASCII.carriageReturn || input[start] == ASCII.lineFeed { start += 1 }
        // The parser has checked that there is a token, with a space after it.
        guard let method = Method(input, from: start, to: target - 1) else {
            preconditionFailure("a head begins with its method")
        }
        self = method
    }
}

extension ByteBuffer {
    /// Appends the token of a method. Allocates nothing, except to grow.
    package mutating func append(method: Method) {
        if method.number == .other { append(utf8: method.name) } else { append(method.number.name) }
    }
}
