/// Limits how often each client may ask; more is answered with 429 and Retry-After (RFC 6585 section 4).
///
/// A client may send a burst of requests at once, and then as many as come back to it, evenly over time. Each answer
/// says what is left, in the `RateLimit` and `RateLimit-Policy` fields of draft-ietf-httpapi-ratelimit-headers.
///
/// The clients are counted in a table of fixed size; when there are more of them, those are forgotten first that have
/// used least. One middleware counts over all reactors, and over all routes that it wraps.
///
/// Where several limits wrap a route, the fields of a response are those of one of them: of the one that refused the
/// request, else of the innermost that limits it.
public struct RateLimit: Middleware {
    /// Who is counted.
    public enum Key: Sendable {
        /// The IPv4 address, or the IPv6 /64, that the connection comes from. Behind a proxy that is the proxy. All
        /// clients of Unix sockets are one.
        case address
        /// What the closure says, such as the principal or a field that a proxy sets; nil is not limited. Runs on the
        /// handler's thread.
        case custom(@Sendable (borrowing Request, borrowing RequestContext) -> String?)
    }

    private let table: RateTable
    private let problem: String?
    private let key: Key
    private let policy: String
    /// What is gone by instead of the server's clock, if anything.
    private let now: (@Sendable () -> Int64)?

    /// Creates the middleware. Values that it can't work with are reported by `Server.init`.
    ///
    /// - Parameters:
    ///   - requests: how many requests come back to a client in `duration`, and how many it may send at once. At least
    ///     1, and no more than 10,000 a second. A client's share of a request is counted in steps of 100 µs, so that
    ///     above 1,000 a second more may come back than is said.
    ///   - duration: how long that takes; no more than ten months.
    ///   - key: who is counted.
    ///   - maximumKeys: how many clients can be told apart at a time; 8 bytes of memory each. At most 16,777,216.
    public init(
        _ requests: Int, per duration: Duration, by key: Key = .address, maximumKeys: Int = 65_536
    ) {
        self.init(requests, per: duration, by: key, maximumKeys: maximumKeys, now: nil)
    }

    /// The same with a clock, in nanoseconds.
    package init(
        _ requests: Int, per duration: Duration, by key: Key, maximumKeys: Int, now: (@Sendable () -> Int64)?
    ) {
        let interval = duration.nanoseconds / Int64(max(1, requests))
        problem = RateLimit.problem(requests, duration, interval: interval, maximumKeys: maximumKeys)
        // One that can't work never meets a request, see `configure`.
        table =
            problem == nil
            ? RateTable(places: maximumKeys, intervalNanoseconds: interval, burst: requests)
            : RateTable(places: 1, intervalNanoseconds: RateTable.stepNanoseconds, burst: 1)
        self.key = key
        self.now = now
        policy = "\"default\";q=\(requests);w=\(RateLimit.seconds(duration.nanoseconds))"
    }

    /// Reports values that it can't work with.
    public func configure(_ options: inout RouteOptions) {
        if let problem { options.reject(self, because: problem) }
    }

    private static func problem(
        _ requests: Int, _ duration: Duration, interval: Int64, maximumKeys: Int
    ) -> String? {
        let problem =
            OutOfRange.problem("requests", requests, atLeast: 1) ?? OutOfRange.problem("duration", duration)
            ?? OutOfRange.problem("maximumKeys", maximumKeys, atLeast: 1, atMost: RateTable.maximumPlaceCount)
        if let problem { return problem }
        guard interval >= RateTable.stepNanoseconds else {
            let shown = Duration.nanoseconds(duration.nanoseconds)
            return "requests is \(OutOfRange.grouped(requests)) in \(shown); it is at most 10,000 a second"
        }
        guard RateTable.canHold(intervalNanoseconds: interval, burst: requests) else {
            return "duration is \(Duration.nanoseconds(duration.nanoseconds)); it is at most ten months"
        }
        return nil
    }

    /// Limits inline and blocking handlers.
    public func handle(
        _ request: borrowing Request, context: inout RequestContext,
        next: (borrowing Request, inout RequestContext) throws -> Response
    ) throws -> Response {
        // Kept here and not in the context, which several limits share.
        guard let verdict = take(request, context) else { return try next(request, &context) }
        guard verdict.isAllowed else { return refusal(verdict) }
        var response: Response
        do {
            response = try next(request, &context)
        } catch {
            response = context.response(to: error, for: request)
        }
        addFields(verdict, to: &response)
        return response
    }

    /// Limits async handlers.
    public func handle(
        _ request: borrowing Request, context: inout RequestContext,
        next: (borrowing Request, inout RequestContext) async throws -> Response
    ) async throws -> Response {
        guard let verdict = take(request, context) else { return try await next(request, &context) }
        guard verdict.isAllowed else { return refusal(verdict) }
        var response: Response
        do {
            response = try await next(request, &context)
        } catch {
            response = context.response(to: error, for: request)
        }
        addFields(verdict, to: &response)
        return response
    }

    /// Counts the request; nil if it is not limited.
    private func take(_ request: borrowing Request, _ context: borrowing RequestContext) -> RateTable.Verdict? {
        guard let hash = hash(request, context) else { return nil }
        return table.take(hash: hash, nanoseconds: now?() ?? context.clock.nanoseconds)
    }

    private func refusal(_ verdict: RateTable.Verdict) -> Response {
        var response = Response.text("Too Many Requests\n", status: .tooManyRequests)
        response.headers["Retry-After"] = "\(RateLimit.seconds(verdict.waitNanoseconds))"
        addFields(verdict, to: &response)
        return response
    }

    /// Says what is left, unless a limit within this one has done so.
    private func addFields(_ verdict: RateTable.Verdict, to response: inout Response) {
        guard response.headers["RateLimit"] == nil else { return }
        response.headers.reserve(2)
        response.headers["RateLimit-Policy"] = policy
        response.headers["RateLimit"] = Self.state(verdict)
    }

    /// The value of RateLimit, made in one piece: `"default";r=4;t=30`.
    private static func state(_ verdict: RateTable.Verdict) -> String {
        let name: StaticString = "\"default\";r="
        // The name, ";t=" and two numbers of 19 digits at most.
        return unsafe String(unsafeUninitializedCapacity: 60) { room in
            var count = 0
            func append(_ text: StaticString) {
                // In bounds, as the capacity says.
                for index in 0..<text.utf8CodeUnitCount { unsafe room[count + index] = text.utf8Start[index] }
                count += text.utf8CodeUnitCount
            }
            func append(_ number: Int64) {
                var unit: Int64 = 1
                while number / unit > 9 { unit *= 10 }
                while unit > 0 {
                    unsafe room[count] = UInt8(ascii: "0") + UInt8(number / unit % 10)
                    count += 1
                    unit /= 10
                }
            }
            append(name)
            append(Int64(verdict.remaining))
            append(";t=")
            append(RateLimit.seconds(verdict.waitNanoseconds))
            return count
        }
    }

    private func hash(_ request: borrowing Request, _ context: borrowing RequestContext) -> UInt64? {
        // Seeded for each process.
        var hasher = Hasher()
        switch key {
        case .address:
            // All whose address is unknown are one client: what can't be told apart is limited together.
            hasher.combine(request.peerAddress?.clientKey)
        case .custom(let key):
            guard let key = key(request, context) else { return nil }
            hasher.combine(key)
        }
        return UInt64(bitPattern: Int64(hasher.finalize()))
    }

    /// Whole seconds, rounded up.
    private static func seconds(_ nanoseconds: Int64) -> Int64 { (nanoseconds + 999_999_999) / 1_000_000_000 }
}
