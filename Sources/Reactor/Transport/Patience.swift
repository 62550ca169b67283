import Platform

/// What a connection waits for. Each case has a time limit of its own.
package enum Wait {
    /// The first byte of a request.
    case request
    /// The first byte of a request while the server stops: a request already in transit still gets its response.
    case lastRequest
    /// The rest of a head.
    case head
    /// The rest of a body.
    case body
    /// The peer receiving the output.
    case sending
    /// The response of a handler that does not run inline.
    case handler
    /// More of a response that is produced while it is sent. No limit.
    case producer
    /// The peer closing its direction.
    case lingering
}

/// How long a connection may keep the server waiting.
struct Patience {
    /// A question to the kernel about the peer, after a deadline has passed.
    enum Question {
        /// Whether the peer is gone.
        case presence
        /// How many bytes the peer has acknowledged.
        case acknowledgedByteCount
    }

    private(set) var wait = Wait.request
    /// The tick at which this wait began. 0: nothing has happened yet.
    private var start: Int64 = 0
    /// Bytes sent or received since then.
    var transferred = 0
    /// Whether the latest deadline is for checking whether the peer is gone.
    private var isCheckScheduled = false
    /// The tick of the next such check while a response is produced. 0: not determined yet.
    private var checkTick: Int64 = 0
    /// The bytes that the peer had acknowledged at the last question, and the value of `start` then. While `start`
    /// keeps that value, nothing has been sent since.
    private var acknowledged = (byteCount: 0, start: Int64(0))

    /// The interval, in ticks, between checks of a peer that the kernel does not watch: a second.
    private static let peerCheckInterval = 1000 / Clock.tickMilliseconds

    private mutating func begin(_ current: Wait, now: Int64) {
        guard current != wait || start == 0 else { return }
        wait = current
        start = now
        transferred = 0
    }

    /// Returns the tick at which the connection has waited too long for `current`, which is neither `.handler` nor
    /// `.producer`.
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

    /// Returns the tick at which the connection has waited too long for `current`, which is `.handler` or `.producer`,
    /// or at which to check its peer.
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

    /// Returns when to check the peer of a response that is produced while it is sent. The kernel retransmits to a lost
    /// peer for a quarter of an hour, and sends no keep-alive probes while it has unacknowledged bytes.
    private mutating func scheduleProducerCheck(
        now: Int64, isPeerWatched: Bool, _ context: inout ReactorContext
    ) -> Int64 {
        let seconds = Int64(max(context.configuration.timeouts.keepAliveSeconds, 0))
        guard seconds > 0 || !isPeerWatched else {
            isCheckScheduled = false
            return now + 60_000 / Clock.tickMilliseconds
        }
        let interval = isPeerWatched ? seconds * 1000 / Clock.tickMilliseconds : Patience.peerCheckInterval
        // Bytes sent meanwhile do not postpone the check.
        if checkTick == 0 || checkTick > now + interval { checkTick = now + interval }
        isCheckScheduled = true
        return checkTick
    }

    /// Returns the question to ask now that the deadline has passed, or nil if the connection has waited too long.
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

    /// Returns whether a peer may continue although the kernel accepts no more bytes for it, because it still
    /// acknowledges bytes: those acknowledged during the last grace period count like those that the kernel accepts.
    ///
    /// The first time there is nothing to compare with, so another grace period begins; but not for a peer that has
    /// never acknowledged anything, or of which the kernel doesn't know.
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

    /// Returns the ticks that the bytes transferred since `start` have bought: at the minimum rate, each byte buys its
    /// share of a second. The total is limited to another grace period; otherwise a peer that was fast for a moment
    /// could be idle for hours.
    @inline(never)
    private mutating func boughtTicks(now: Int64, _ context: inout ReactorContext) -> Int64 {
        let ticksPerSecond = 1000 / Int(Clock.tickMilliseconds)
        // Bounded so that the products below don't overflow; no peer reaches a rate this high.
        let rate = min(max(context.configuration.timeouts.minimumTransferRate, 1), .max / ticksPerSecond)
        // Whole seconds move the start, which is exact; the remainder has bought less than one.
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
