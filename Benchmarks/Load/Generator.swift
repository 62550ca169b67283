import CEpoll
import Glibc

/// The loop: sends due requests on free connections, reads responses, and gives up requests that take too long.
///
/// A request that is due while no connection is free waits for the first that is, and its clock runs. Free connections
/// take turns, so that all are used.
struct Generator {
    /// The interval of checks for timeouts and broken connections.
    static let tickNanoseconds: UInt64 = 10_000_000
    /// The delay of a send above which it counts as the generator's fault.
    static let latenessNanoseconds: UInt64 = 1_000_000

    let options: LoadOptions
    let request: [UInt8]
    let address: ServerAddress
    let timeoutNanoseconds: UInt64
    let epoll: Int32
    let receiveBuffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 * 1024, alignment: 64)

    var schedule: Schedule
    var connections: [LoadConnection]
    /// Numbers of the connections that are free, those that have been free longest first.
    var idle: IndexQueue
    var busyCount = 0
    /// The request to be sent next.
    var nextRequest = 0
    /// Whether a connection was free when the generator last looked for what is due.
    var hadIdle = true
    var outcome: Outcome
    private var nextTickNanoseconds: UInt64 = 0
    private var events = [epoll_event](repeating: epoll_event(), count: 512)

    /// Opens all connections.
    init(_ options: LoadOptions) throws(LoadError) {
        self.options = options
        request = options.request
        address = try ServerAddress(host: options.host, port: options.port)
        timeoutNanoseconds = UInt64(options.timeoutMilliseconds) * 1_000_000
        Self.raiseDescriptorLimit()
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard epoll >= 0 else { throw LoadError(call: "epoll_create1") }
        let reader = ResponseReader(expectedLength: options.expectedLength, isHead: options.method == "HEAD")
        connections = Array(repeating: LoadConnection(reader: reader), count: options.connectionCount)
        idle = IndexQueue(capacity: options.connectionCount)
        outcome = Outcome(options)
        schedule = Schedule(options, startNanoseconds: 0)
        // The kernel may otherwise wake the generator 50 µs later than asked.
        _ = epoll_timer_slack(1000)
        try connectAll()
    }

    /// Sends everything that is scheduled and waits for the responses.
    mutating func run() throws(LoadError) -> Outcome {
        schedule = Schedule(options, startNanoseconds: monotonicNanoseconds() + 1_000_000)
        var usedBefore: Double?
        while nextRequest < schedule.totalCount || busyCount > 0 {
            sendDue()
            if usedBefore == nil, nextRequest >= schedule.warmUpCount { usedBefore = processorSeconds() }
            let now = monotonicNanoseconds()
            var wakeNanoseconds = nextTickNanoseconds
            if nextRequest < schedule.totalCount, !idle.isEmpty {
                wakeNanoseconds = min(wakeNanoseconds, schedule.dueNanoseconds(nextRequest))
            }
            try handleEvents(waitNanoseconds: wakeNanoseconds > now ? wakeNanoseconds - now : 0)
            tickIfDue()
        }
        outcome.scheduled = schedule.totalCount - schedule.warmUpCount
        outcome.generatorProcessorSeconds = ((processorSeconds() - (usedBefore ?? 0)) * 1000).rounded() / 1000
        let begin = schedule.dueNanoseconds(schedule.warmUpCount)
        outcome.elapsedSeconds = Double(monotonicNanoseconds() - begin) / 1e9
        return outcome
    }

    private mutating func connectAll() throws(LoadError) {
        for index in connections.indices { open(index) }
        let deadline = monotonicNanoseconds() + 10_000_000_000
        while idle.count < connections.count {
            guard monotonicNanoseconds() < deadline else {
                throw LoadError(
                    "only \(idle.count) of \(connections.count) connections to \(options.host):\(options.port)"
                        + " could be made; is the server running?")
            }
            try handleEvents(waitNanoseconds: Self.tickNanoseconds)
            tickIfDue()
        }
    }

    private mutating func handleEvents(waitNanoseconds: UInt64) throws(LoadError) {
        var timeout = timespec(
            tv_sec: Int(waitNanoseconds / 1_000_000_000), tv_nsec: Int(waitNanoseconds % 1_000_000_000))
        let count = epoll_pwait2(epoll, &events, Int32(events.count), &timeout, nil)
        guard count >= 0 || errno == EINTR else { throw LoadError(call: "epoll_pwait2") }
        for event in events.prefix(Int(max(0, count))) { handle(event.events, Int(event.data.u64)) }
    }

    /// Gives up overdue requests, and reconnects connections that are down.
    private mutating func tickIfDue() {
        let now = monotonicNanoseconds()
        guard now >= nextTickNanoseconds else { return }
        nextTickNanoseconds = now + Self.tickNanoseconds
        for index in connections.indices {
            switch connections[index].state {
            case .busy(let request, _) where schedule.dueNanoseconds(request) + timeoutNanoseconds < now:
                end(request, .timeout, nanoseconds: now)
                reopen(index)
            case .down: open(index)
            default: break
            }
        }
        // Requests that wait for a connection are given up as well.
        while nextRequest < schedule.totalCount, idle.isEmpty,
            schedule.dueNanoseconds(nextRequest) + timeoutNanoseconds < now
        {
            count(nextRequest, .timeout, nanoseconds: now)
            nextRequest += 1
        }
    }

    private static func raiseDescriptorLimit() {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
