import HTTP1
import Platform

// How long a connection may keep the server waiting.
extension Connection {
    /// What has to happen next.
    enum Wait {
        /// The first byte of a request.
        case request
        /// The same while the server stops: a request that was on its way then is still answered.
        case lastRequest
        /// The rest of a head.
        case head
        /// The rest of a body.
        case body
        /// The client taking its answers.
        case sending
        /// The answer of a handler elsewhere.
        case handler
        /// More of an answer that is made while it is sent: no deadline.
        case producer
        /// The client closing its side.
        case lingering
    }

    /// Whether somebody looks now and then if the peer is gone.
    enum PeerCheck {
        case none
        /// The deadline that was given last is for that, if a handler is still waited for.
        case scheduled
        case due
    }

    /// How often that is, in ticks: once a second.
    private static let peerCheckInterval = 1000 / Clock.tickMilliseconds

    /// Whether the kernel would not report by itself that the peer is gone: nothing is received, as it has sent FIN or
    /// more than the handler takes, and nothing is being sent.
    var watchesPeer: Bool { exchange != nil && !isReceiving && !isSending }

    /// Whether it is time to look.
    mutating func takePeerCheck() -> Bool {
        guard peerCheck == .due else { return false }
        peerCheck = .none
        return watchesPeer
    }

    /// The tick at which the connection has waited too long, or is to be looked at if its peer is gone.
    mutating func deadline(now: Int64, _ services: inout ConnectionServices) -> Int64 {
        let current = currentWait(&services)
        if current != wait || waitStart == 0 {
            wait = current
            waitStart = now
            transferred = 0
        }
        let milliseconds: Int
        var bought: Int64 = 0
        switch wait {
        case .request:
            milliseconds = services.configuration.idleTimeoutMilliseconds
        case .lastRequest:
            milliseconds = services.configuration.drainGraceMilliseconds
        case .head:
            milliseconds = services.configuration.headTimeoutMilliseconds
        case .body, .sending:
            if transferred > 0 { bought = boughtTicks(now: now, &services) }
            milliseconds = services.configuration.transferGraceMilliseconds
        case .lingering:
            milliseconds = services.configuration.lingerTimeoutMilliseconds
        case .handler:
            milliseconds = plan.handlerTimeoutMilliseconds ?? services.configuration.handlerTimeoutMilliseconds
            return schedulePeerCheck(now: now, waitStart + Int64(milliseconds) / Clock.tickMilliseconds + 1)
        case .producer:
            // Looked at again now and then.
            return schedulePeerCheck(now: now, now + 60_000 / Clock.tickMilliseconds)
        }
        return waitStart + bought + Int64(milliseconds) / Clock.tickMilliseconds + 1
    }

    /// The deadline of a connection whose handler is waited for: `limit`, unless the peer has to be looked at before.
    @inline(never)
    private mutating func schedulePeerCheck(now: Int64, _ limit: Int64) -> Int64 {
        let check = now + Connection.peerCheckInterval
        peerCheck = watchesPeer && check < limit ? .scheduled : .none
        return peerCheck == .scheduled ? check : limit
    }

    /// Whether the deadline that has passed was for looking at the peer, which is to be done then.
    mutating func isPeerCheckDue() -> Bool {
        guard peerCheck == .scheduled, wait == .handler || wait == .producer else { return false }
        peerCheck = .due
        return true
    }

    /// The ticks that the bytes transferred since `waitStart` have bought: at the minimum rate, each byte buys its
    /// share of a second. But nobody can buy more than another grace, or whoever was fast for a moment could be idle
    /// for hours.
    @inline(never)
    private mutating func boughtTicks(now: Int64, _ services: inout ConnectionServices) -> Int64 {
        let ticksPerSecond = 1000 / Int(Clock.tickMilliseconds)
        // Nobody keeps up a rate that is higher than this, and the products below don't overflow.
        let rate = min(max(services.configuration.minimumTransferRate, 1), .max / ticksPerSecond)
        // Whole seconds move the start, which is exact; what is left has bought less than one.
        let (seconds, rest) = transferred.quotientAndRemainder(dividingBy: rate)
        waitStart += Int64(seconds * ticksPerSecond)
        transferred = rest
        let ticks = Int64(rest * ticksPerSecond / rate)
        let latest = now + Int64(services.configuration.transferGraceMilliseconds) / Clock.tickMilliseconds
        guard waitStart + ticks > latest else { return ticks }
        waitStart = latest
        transferred = 0
        return 0
    }

    // Inlined, or Swift 6.3 would copy the whole connection to lend it.
    @inline(__always)
    private func currentWait(_ services: inout ConnectionServices) -> Wait {
        if isSending { return .sending }
        switch phase {
        case .head where ownsParser || !input.isEmpty: return .head
        case .head: return services.isDraining ? .lastRequest : .request
        case .body, .chunkedBody, .discarding, .discardingChunks: return .body
        case .streaming, .streamingChunks: return waitForStreamedBody(&services)
        case .suspended: return exchange?.hasBegunAnswer ?? false ? .producer : .handler
        case .closing, .lingering, .closed: return .lingering
        }
    }

    /// The client has to keep up its rate while the handler reads; while it does not, nothing is asked of the client.
    private func waitForStreamedBody(_ services: inout ConnectionServices) -> Wait {
        guard let exchange else { return .body }
        if exchange.isBodyWanted, exchange.body.count < services.configuration.streamHighWaterByteCount { return .body }
        return exchange.hasBegunAnswer ? .producer : .handler
    }
}
