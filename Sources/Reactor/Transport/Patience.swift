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
    /// What the kernel has to be asked about the peer when a deadline has passed.
    enum Question {
        /// Whether the peer is gone.
        case presence
        /// How many bytes the peer has acknowledged.
        case acknowledgedByteCount
    }

    private(set) var wait = Wait.request
    /// The tick since which that is waited for. 0: nothing has happened yet.
    private var start: Int64 = 0
    /// Bytes that went or came since then.
    var transferred = 0
    /// Whether the deadline that was set last is for asking whether the peer is gone.
    private var isCheckScheduled = false
    /// The tick at which that is asked next while a response is produced; 0: not determined yet.
    private var checkTick: Int64 = 0
    /// The bytes that the peer had acknowledged when that was asked last, and the value of `start` then. As long as
    /// `start` has that value, nothing was sent since.
    private var acknowledged = (byteCount: 0, start: Int64(0))

    /// How often a peer that the kernel does not watch is looked at, in ticks: once a second.
    private static let peerCheckInterval = 1000 / Clock.tickMilliseconds

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
            milliseconds = context.configuration.timeouts.idleMilliseconds
        case .lastRequest:
            milliseconds = context.configuration.timeouts.drainGraceMilliseconds
        case .head:
            milliseconds = context.configuration.timeouts.headMilliseconds
        case .body, .sending:
            if transferred > 0 { bought = boughtTicks(now: now, &context) }
            milliseconds = context.configuration.timeouts.transferGraceMilliseconds
        case .lingering:
            milliseconds = context.configuration.timeouts.lingerMilliseconds
        case .handler, .producer:
            milliseconds = context.configuration.timeouts.handlerMilliseconds
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
    mutating func deadline(
        for current: Wait, now: Int64, milliseconds: Int, isPeerWatched: Bool, _ context: inout ReactorContext
    ) -> Int64 {
        begin(current, now: now)
        guard wait == .handler else {
            return scheduleProducerCheck(now: now, isPeerWatched: isPeerWatched, &context)
        }
        let limit = start + Int64(milliseconds) / Clock.tickMilliseconds + 1
        let check = now + Patience.peerCheckInterval
        isCheckScheduled = !isPeerWatched && check < limit
        return isCheckScheduled ? check : limit
    }

    /// When the peer of a response that is produced while it is sent is looked at. The kernel would go on sending to
    /// one that is gone for a quarter of an hour, and asks no silent peer as long as it has bytes for it.
    private mutating func scheduleProducerCheck(
        now: Int64, isPeerWatched: Bool, _ context: inout ReactorContext
    ) -> Int64 {
        let seconds = Int64(max(context.configuration.timeouts.keepAliveSeconds, 0))
        guard seconds > 0 || !isPeerWatched else {
            isCheckScheduled = false
            return now + 60_000 / Clock.tickMilliseconds
        }
        let interval = isPeerWatched ? seconds * 1000 / Clock.tickMilliseconds : Patience.peerCheckInterval
        // What is sent meanwhile does not postpone it.
        if checkTick == 0 || checkTick > now + interval { checkTick = now + interval }
        isCheckScheduled = true
        return checkTick
    }

    /// What is to be asked now that the deadline has passed; nil if the connection has waited too long.
    mutating func takeQuestion() -> Question? {
        switch wait {
        case .sending:
            return .acknowledgedByteCount
        case .handler where isCheckScheduled, .producer where isCheckScheduled:
            isCheckScheduled = false
            checkTick = 0
            return .presence
        default:
            return nil
        }
    }

    /// Whether a peer that takes nothing more may go on all the same, since it empties its own buffers: what it has
    /// acknowledged in the last grace counts as what the kernel takes does.
    ///
    /// The first time there is nothing to compare with, so that another grace passes. A peer that has never
    /// acknowledged anything doesn't get it, nor one of whom the kernel doesn't know.
    mutating func mayGoOn(acknowledged byteCount: Int, now: Int64, _ context: inout ReactorContext) -> Bool {
        guard byteCount > 0 else { return false }
        if acknowledged.start == start {
            transferred = max(byteCount - acknowledged.byteCount, 0)
            let bought = transferred > 0 ? boughtTicks(now: now, &context) : 0
            let grace = Int64(context.configuration.timeouts.transferGraceMilliseconds) / Clock.tickMilliseconds
            guard start + bought + grace >= now else { return false }
        } else {
            start = now
            transferred = 0
        }
        acknowledged = (byteCount, start)
        return true
    }

    /// The ticks that the bytes transferred since `start` have bought: at the minimum rate, each byte buys its share of
    /// a second. But nobody can buy more than another grace, or whoever was fast for a moment could be idle for hours.
    @inline(never)
    private mutating func boughtTicks(now: Int64, _ context: inout ReactorContext) -> Int64 {
        let ticksPerSecond = 1000 / Int(Clock.tickMilliseconds)
        // Nobody keeps up a rate that is higher than this, and the products below don't overflow.
        let rate = min(max(context.configuration.timeouts.minimumTransferRate, 1), .max / ticksPerSecond)
        // Whole seconds move the start, which is exact; what is left has bought less than one.
        let (seconds, rest) = transferred.quotientAndRemainder(dividingBy: rate)
        start += Int64(seconds * ticksPerSecond)
        transferred = rest
        let ticks = Int64(rest * ticksPerSecond / rate)
        let latest = now + Int64(context.configuration.timeouts.transferGraceMilliseconds) / Clock.tickMilliseconds
        guard start + ticks > latest else { return ticks }
        start = latest
        transferred = 0
        return 0
    }
}
