import Platform

/// What a connection waits for, each with a limit of its own.
package enum Wait {
    /// The first byte of a request.
    case request
    /// The same while the server stops: a request that was on its way then still gets its response.
    case lastRequest
    /// The rest of a head.
    case head
    /// The rest of a body.
    case body
    /// The peer taking what is sent.
    case sending
    /// The response of a handler that does not run inline.
    case handler
    /// More of a response that is produced while it is sent: no limit.
    case producer
    /// The peer closing its side.
    case lingering
}

/// How long a connection may keep the server waiting.
struct Patience {
    /// Whether somebody looks now and then if the peer is gone.
    enum PeerCheck {
        case none
        /// The deadline that was set last is for that, if a handler is still waited for.
        case scheduled
        case due
    }

    private(set) var wait = Wait.request
    /// The tick since which that is waited for. 0: nothing has happened yet.
    private var start: Int64 = 0
    /// Bytes that went or came since then.
    var transferred = 0
    private var peerCheck = PeerCheck.none

    /// How often the peer is looked at, in ticks: once a second.
    private static let peerCheckInterval = 1000 / Clock.tickMilliseconds

    /// Whether it is time to look.
    mutating func takePeerCheck() -> Bool {
        guard peerCheck == .due else { return false }
        peerCheck = .none
        return true
    }

    private mutating func begin(_ current: Wait, now: Int64) {
        guard current != wait || start == 0 else { return }
        wait = current
        start = now
        transferred = 0
    }

    /// The tick at which the connection has waited too long for `current`, which is not a handler.
    @inline(__always)
    mutating func deadline(for current: Wait, now: Int64, _ context: inout ReactorContext) -> Int64 {
        begin(current, now: now)
        let milliseconds: Int
        var bought: Int64 = 0
        switch wait {
        case .request:
            milliseconds = context.configuration.idleTimeoutMilliseconds
        case .lastRequest:
            milliseconds = context.configuration.drainGraceMilliseconds
        case .head:
            milliseconds = context.configuration.headTimeoutMilliseconds
        case .body, .sending:
            if transferred > 0 { bought = boughtTicks(now: now, &context) }
            milliseconds = context.configuration.transferGraceMilliseconds
        case .lingering:
            milliseconds = context.configuration.lingerTimeoutMilliseconds
        case .handler, .producer:
            milliseconds = context.configuration.handlerTimeoutMilliseconds
        }
        return start + bought + Int64(milliseconds) / Clock.tickMilliseconds + 1
    }

    /// The tick at which the connection has waited too long for `current`, a handler, or at which its peer is to be
    /// looked at.
    ///
    /// - Parameters:
    ///   - milliseconds: the limit for `.handler`.
    ///   - isPeerWatched: whether the kernel reports by itself that the peer is gone.
    @inline(never)
    mutating func deadline(for current: Wait, now: Int64, milliseconds: Int, isPeerWatched: Bool) -> Int64 {
        begin(current, now: now)
        // A producer is looked at again now and then.
        let limit =
            wait == .handler
            ? start + Int64(milliseconds) / Clock.tickMilliseconds + 1 : now + 60_000 / Clock.tickMilliseconds
        let check = now + Patience.peerCheckInterval
        peerCheck = !isPeerWatched && check < limit ? .scheduled : .none
        return peerCheck == .scheduled ? check : limit
    }

    /// Whether the deadline that has passed was for looking at the peer, which is to be done then.
    mutating func isPeerCheckDue() -> Bool {
        guard peerCheck == .scheduled else { return false }
        switch wait {
        case .handler, .producer:
            peerCheck = .due
            return true
        default:
            return false
        }
    }

    /// The ticks that the bytes transferred since `start` have bought: at the minimum rate, each byte buys its share of
    /// a second. But nobody can buy more than another grace, or whoever was fast for a moment could be idle for hours.
    @inline(never)
    private mutating func boughtTicks(now: Int64, _ context: inout ReactorContext) -> Int64 {
        let ticksPerSecond = 1000 / Int(Clock.tickMilliseconds)
        // Nobody keeps up a rate that is higher than this, and the products below don't overflow.
        let rate = min(max(context.configuration.minimumTransferRate, 1), .max / ticksPerSecond)
        // Whole seconds move the start, which is exact; what is left has bought less than one.
        let (seconds, rest) = transferred.quotientAndRemainder(dividingBy: rate)
        start += Int64(seconds * ticksPerSecond)
        transferred = rest
        let ticks = Int64(rest * ticksPerSecond / rate)
        let latest = now + Int64(context.configuration.transferGraceMilliseconds) / Clock.tickMilliseconds
        guard start + ticks > latest else { return ticks }
        start = latest
        transferred = 0
        return 0
    }
}
