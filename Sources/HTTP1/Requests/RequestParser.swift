package import HTTPCore

/// A parser of request heads, RFC 9112 sections 2 to 6: bytes in, a result and ranges out.
///
/// It does no I/O, stores no pointers and copies no bytes. It examines each byte once, from left to right. So the
/// result is the same however a head is split, and an invalid head is refused at its first wrong byte.
///
/// Where RFC 9112 leaves a choice, the parser is strict: every line ends in CR LF, no line is folded, and whatever
/// another recipient might delimit differently is refused.
package struct RequestParser: ~Copyable {
    package let limits: HeadLimits

    /// The head as far as it is parsed; valid as a whole after `.complete`, until `reset()`.
    package internal(set) var head = RequestHead()
    // What only this protocol needs of the head; valid when that is.
    /// Whether the connection may serve another request after this one, RFC 9112 section 9.3.
    package internal(set) var keepsAlive = true
    /// Whether `Expect: 100-continue` was sent in HTTP/1.1, RFC 9110 section 10.1.1.
    package internal(set) var expectsContinue = false
    package internal(set) var framing = BodyFraming.none

    /// The element that is read at `cursor`.
    var step = Step.emptyLines
    /// The offset of the first byte that was not examined yet.
    var cursor = 0
    /// The offset at which the current token begins.
    var mark = 0
    /// The name in the current field line.
    var fieldName = ByteRange()
    /// The facts about framing and persistence in the field lines so far.
    var facts = HeadFacts()
    /// The first rejection, which is final.
    private var rejection = Rejection?.none

    /// Creates a parser; it allocates nothing before the first field line.
    package init(limits: HeadLimits = .init()) {
        precondition(
            (0...Int(Int32.max)).contains(limits.maximumHeadByteCount) && limits.maximumFieldCount >= 0
                && limits.maximumTargetByteCount >= 0,
            "limits of a head must not be negative, and a head is below 2 GiB"
        )
        self.limits = limits
    }

    /// Continues parsing. `bytes` is everything received since the first byte of this head: the unchanged bytes of the
    /// previous call, and those received since. What follows the head is not examined.
    ///
    /// After `.complete` and after a rejection the same result is returned until `reset()`.
    package mutating func parse(_ bytes: RawSpan) -> ParseResult {
        if let rejection { return .rejected(rejection) }
        let available = min(bytes.byteCount, limits.maximumHeadByteCount)
        precondition(available >= cursor, "a call must include the bytes of the calls before")
        // Any byte is a valid UInt8, and bytes have no alignment.
        let input = unsafe bytes._unsafeView(as: UInt8.self).extracting(first: available)
        do throws(Halt) {
            if step == .emptyLines, takePlainRequestLine(input) {
                step = .fieldLine
            } else if step < .fieldLine {
                try parseRequestLine(input)
            }
            if step < .complete { try parseFields(input) }
            return .complete
        } catch {
            switch error {
            case .rejected(let rejection): return reject(rejection)
            case .needsMore where available < limits.maximumHeadByteCount: return .needsMore
            case .needsMore: return reject(step.rejectionAtLimit)
            }
        }
    }

    /// Prepares for the next head and keeps the memory of the field table.
    package mutating func reset() {
        head.clear()
        keepsAlive = true
        expectsContinue = false
        framing = .none
        step = .emptyLines
        cursor = 0
        mark = 0
        facts = HeadFacts()
        rejection = nil
    }

    private mutating func reject(_ reason: Rejection) -> ParseResult {
        rejection = reason
        return .rejected(reason)
    }
}

extension RequestParser {
    /// The elements of a head, in order.
    enum Step: UInt8, Comparable {
        case emptyLines, method, targetStart, path, query, otherTarget, version
        case fieldLine, fieldName, whitespace, fieldValue
        case complete

        static func < (left: Step, right: Step) -> Bool { left.rawValue < right.rawValue }

        /// The rejection of a head that is too large and ends in this element.
        var rejectionAtLimit: Rejection {
            switch self {
            case .method: .methodUnknown
            case .targetStart, .path, .query, .otherTarget: .targetTooLong
            default: .headTooLarge
            }
        }
    }
}

/// How the body that follows a head is delimited, RFC 9112 section 6.3.
package enum BodyFraming: Sendable, Equatable {
    case none
    case length(Int)
    case chunked
}

/// The result of parsing the bytes received so far.
package enum ParseResult: Sendable, Equatable {
    /// The head is complete and valid.
    case complete
    /// The bytes are valid, and more are needed.
    case needsMore
    /// The request is invalid whatever follows. Respond with the status and close.
    case rejected(Rejection)
}

/// Facts from the lines of a head, collected during parsing and checked at the end of the request line or of the head.
struct HeadFacts {
    /// The method is too long, or it is not standard and the target has none of the standard forms.
    var isMethodUnknown = false
    /// The value of Host. Its presence is a separate fact, because an empty value may be allowed.
    var host = ByteRange()
    var hasHost = false
    var hasContentLength = false
    var isChunked = false
    /// `Connection: close` was seen.
    var closes = false
    /// `Connection: keep-alive` was seen.
    var keepsAlive = false
    var contentLength = 0
}

/// The reason why a step of the parser stops early.
enum Halt: Error {
    /// All bytes were consumed; the parser's state says where to continue.
    case needsMore
    case rejected(Rejection)
}
