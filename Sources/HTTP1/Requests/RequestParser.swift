package import HTTPCore

/// Parses request heads, RFC 9112 sections 2 to 6: bytes in, a verdict and ranges out.
///
/// It does no I/O, stores no pointers and copies no bytes. Bytes are looked at strictly from left to right and each
/// one once, so however a head is cut into pieces, the verdict is the one that the whole would get, and a hopeless
/// head is refused at its first wrong byte.
///
/// Where RFC 9112 leaves a choice, the stricter one is taken: every line ends in CR LF, no line is folded, and
/// whatever another recipient might delimit differently is refused.
package struct RequestParser: ~Copyable {
    package let limits: HeadLimits

    /// What has been parsed so far; valid as a whole after `.complete`, until `reset()`.
    package internal(set) var head = RequestHead()

    /// What is being read at `cursor`.
    var step = Step.emptyLines
    /// Offset of the first byte not yet looked at.
    var cursor = 0
    /// Offset at which the token under way begins.
    var mark = 0
    /// The name in the field line under way.
    var fieldName = ByteRange()
    /// What the field lines so far say about framing and persistence.
    var facts = HeadFacts()
    /// The first rejection, which stays.
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

    /// Goes on parsing. `bytes` is everything received since the first byte of this head: the bytes of the call
    /// before, unchanged, and those that came since. What follows the head is not looked at.
    ///
    /// After `.complete` and after a rejection the same result is returned until `reset()`.
    package mutating func parse(_ bytes: RawSpan) -> ParseResult {
        if let rejection { return .rejected(rejection) }
        let available = min(bytes.byteCount, limits.maximumHeadByteCount)
        precondition(available >= cursor, "bytes of a head that were there before must still be there")
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
            case .needsMore: return reject(step.isTarget ? .targetTooLong : .headTooLarge)
            }
        }
    }

    /// Makes ready for the next head and keeps the memory of the field table.
    package mutating func reset() {
        head.clear()
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
    /// The parts of a head in the order in which they come.
    enum Step: UInt8, Comparable {
        case emptyLines, method, targetStart, path, query, otherTarget, version
        case fieldLine, fieldName, whitespace, fieldValue
        case complete

        static func < (left: Step, right: Step) -> Bool { left.rawValue < right.rawValue }

        var isTarget: Bool { self >= .targetStart && self <= .otherTarget }
    }
}

/// What a parser made of the bytes it has seen so far.
package enum ParseResult: Sendable, Equatable {
    /// The head is there and valid.
    case complete
    /// All bytes seen are valid, and more must come.
    case needsMore
    /// No bytes that may follow can make this a request to serve. Answer with the status and close.
    case rejected(Rejection)
}

/// What the lines of a head say, collected while they pass and judged at the end of the request line or of the head.
struct HeadFacts {
    /// The method is a token that stands for no known method.
    var isMethodUnknown = false
    /// The value of Host; its presence is a fact of its own because an empty value may be allowed.
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

/// Why a step of the parser stops before its end.
enum Halt: Error {
    /// The bytes are used up; the parser's state says where to go on.
    case needsMore
    case rejected(Rejection)
}
