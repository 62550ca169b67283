/// Limits the request rate of each client; further requests get 429 with Retry-After (RFC 6585 section 4).
///
/// A client may send a burst of requests, which is then refilled evenly over time. Each response has the remaining
/// number of requests in the `RateLimit` and `RateLimit-Policy` fields of draft-ietf-httpapi-ratelimit-headers.
///
/// The clients are counted in a table of fixed size. If there are more, those that have used least are forgotten first.
/// One middleware counts over all reactors, and over all routes that it wraps.
///
/// If several limits wrap a route, a response has the fields of one of them: of the limit that rejected the request, or
/// else of the innermost that applies to it.
public struct RateLimit: StatefulFilter, RouteConfiguration {
    /// What identifies a client.
    public enum Key: Sendable {
        /// The IPv4 address, or the IPv6 /64, of the peer. With a proxy in front of the server, that is the proxy. All
        /// clients of Unix sockets count as one.
        case address
        /// The result of a closure, such as the principal or a field that a proxy sets. Requests are not limited if it
        /// is nil. Runs on the handler's thread.
        case custom(@Sendable (borrowing Request, borrowing RequestContext) -> String?)
    }

    private let table: RateTable
    private let problem: String?
    private let key: Key
    private let policy: String
    /// The clock to use in place of the server's, or nil.
    private let now: (@Sendable () -> Int64)?

    /// Creates the middleware. `Server.init` throws for invalid values.
    ///
    /// - Parameters:
    ///   - requests: the number of requests that a client may send per `duration`, and in one burst. At least 1, and at
    ///     most 10,000 a second. The cost of a request is counted in steps of 100 µs, so above 1,000 a second the real
    ///     limit may be higher.
    ///   - duration: the time in which a burst is refilled; at most ten months.
    ///   - key: what identifies a client.
    ///   - maximumKeys: the number of clients that can be distinguished at a time; each takes 8 bytes of memory. At
    ///     most 16,777,216.
    public init(
        _ requests: Int, per duration: Duration, by key: Key = .address, maximumKeys: Int = 65_536
    ) {
        self.init(requests, per: duration, by: key, maximumKeys: maximumKeys, now: nil)
    }

    /// Creates the middleware with a clock, in nanoseconds.
    package init(
        _ requests: Int, per duration: Duration, by key: Key, maximumKeys: Int, now: (@Sendable () -> Int64)?
    ) {
        let interval = duration.nanoseconds / Int64(max(1, requests))
        problem = RateLimit.problem(requests, duration, interval: interval, maximumKeys: maximumKeys)
        // An invalid middleware gets no requests, see `configure`.
        table =
            problem == nil
            ? RateTable(slots: maximumKeys, intervalNanoseconds: interval, burst: requests)
            : RateTable(slots: 1, intervalNanoseconds: RateTable.stepNanoseconds, burst: 1)
        self.key = key
        self.now = now
        policy = "\"default\";q=\(requests);w=\(RateLimit.seconds(duration.nanoseconds))"
    }

    /// Rejects invalid values.
    public func configure(_ options: inout RouteOptions) {
        if let problem { options.reject(self, because: problem) }
    }

    private static func problem(
        _ requests: Int, _ duration: Duration, interval: Int64, maximumKeys: Int
    ) -> String? {
        let problem =
            OutOfRange.problem("requests", requests, atLeast: 1) ?? OutOfRange.problem("duration", duration)
            ?? OutOfRange.problem("maximumKeys", maximumKeys, atLeast: 1, atMost: RateTable.maximumSlotCount)
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

    /// The decision on a request.
    public struct Verdict: Sendable {
        fileprivate let value: RateTable.Verdict

        fileprivate init(_ value: RateTable.Verdict) { self.value = value }
    }

    /// Counts the request, and rejects it if there were too many.
    public func begin(
        _ request: borrowing Request, context: inout RequestContext
    ) throws -> FilterStep<Verdict?> {
        guard let verdict = take(request, context) else { return .proceed(nil) }
        return verdict.isAllowed ? .proceed(Verdict(verdict)) : .respond(rejection(verdict, request, context))
    }

    /// Adds the fields that tell the client its limit.
    public func end(
        _ verdict: Verdict?, _ request: borrowing Request, context: inout RequestContext,
        response: inout Response
    ) {
        if let verdict { addFields(verdict.value, to: &response) }
    }

    /// Counts the request; nil if it is not limited.
    private func take(_ request: borrowing Request, _ context: borrowing RequestContext) -> RateTable.Verdict? {
        guard let hash = hash(request, context) else { return nil }
        return table.take(hash: hash, nanoseconds: now?() ?? context.clock.nanoseconds)
    }

    private func rejection(
        _ verdict: RateTable.Verdict, _ request: borrowing Request, _ context: borrowing RequestContext
    ) -> Response {
        let headers: HeaderFields = ["Retry-After": "\(RateLimit.seconds(verdict.waitNanoseconds))"]
        var response = context.response(to: ErrorDescription(.tooManyRequests, headers: headers), for: request)
        addFields(verdict, to: &response)
        return response
    }

    /// Adds the fields, unless a limit inside this one has done so.
    private func addFields(_ verdict: RateTable.Verdict, to response: inout Response) {
        guard response.headers["RateLimit"] == nil else { return }
        response.headers.reserve(2)
        response.headers["RateLimit-Policy"] = policy
        response.headers["RateLimit"] = Self.state(verdict)
    }

    /// The value of RateLimit, written in one pass: `"default";r=4;t=30`.
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
        // Seeded per process.
        var hasher = Hasher()
        switch key {
        case .address:
            // Clients without a known address can't be distinguished, and count as one.
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
