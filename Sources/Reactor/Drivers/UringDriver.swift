import CHyperURing
import Glibc
import Platform
import Synchronization

/// Rings that are gone. A new one may lie where that of another thread was. The kernel puts the two in order; this says
/// so to ThreadSanitizer, which sees neither the unmapping nor the mapping.
private let endedRings = Atomic<Int>(0)

/// The driver on io_uring: multishot accept, multishot receive into a ring of provided buffers, one
/// `io_uring_enter` a turn that submits and waits together.
///
/// Always `SINGLE_ISSUER | DEFER_TASKRUN`: completions are worked off by this thread when it asks for them, never in
/// the middle of something else, and modes without it were seen to hang a kernel thread for good.
@safe
struct UringDriver: Driver, ~Copyable {
    static var kind: DriverKind { .ioUring }

    // Owned: freed in `deinit`, used by this thread only. The ring must not move, since the kernel library keeps
    // pointers into it.
    let ring: UnsafeMutablePointer<io_uring>
    /// What stands for a submission entry when there is none. It never reaches the kernel.
    let spareEntry: UnsafeMutablePointer<io_uring_sqe>
    /// Operations were written to the spare entry: the next `wait` says so.
    var hasLostOperations = false
    private let configuration: DriverConfiguration
    private let buffers: OpaquePointer
    private let bulkBuffers: OpaquePointer
    /// Where the eventfd's counter is read to.
    let wakeCounter: UnsafeMutablePointer<UInt64>
    let timerInterval: UnsafeMutablePointer<__kernel_timespec>
    var wakeDescriptor: Int32 = -1

    /// Completions of this turn: those before `taken` were handed out, and the queue is advanced over all at its end.
    private var ready: UInt32 = 0
    private var taken: UInt32 = 0
    private(set) var buffersInUse = 0

    /// A send that was submitted, or is about to be, and that the kernel speaks of only if it fails.
    struct QuietSend {
        let token: Token
        let byteCount: Int32
    }

    /// Those of which nothing is known yet, and how many of them this turn has handed out as done.
    var quietSends: [QuietSend] = []
    private var quietTaken = 0
    /// How many of them are done.
    private var quietDone = 0
    /// How many of them were queued before the barrier under way, if there is one.
    var quietBehindBarrier: Int?

    var bulk = BulkQueue()

    static let bufferGroup: UInt16 = 0

    init(configuration: DriverConfiguration) throws(SystemError) {
        let created = unsafe try UringDriver.setUp(configuration)
        unsafe ring = created.ring
        unsafe buffers = created.buffers
        unsafe bulkBuffers = created.bulkBuffers
        self.configuration = configuration
        unsafe spareEntry = .allocate(capacity: 1)
        unsafe spareEntry.initialize(to: io_uring_sqe())
        unsafe wakeCounter = .allocate(capacity: 1)
        unsafe timerInterval = .allocate(capacity: 1)
    }

    deinit {
        // What was queued last still has to reach the kernel, the closing of descriptors above all.
        if unsafe io_uring_sq_ready(ring) > 0 {
            unsafe io_uring_submit(ring)
            // It may have refused.
            unsafe hs_uring_close_unsubmitted(ring)
        }
        unsafe hs_uring_cancel_all(ring)
        closeUnseenConnections()
        endedRings.add(1, ordering: .releasing)
        // Nothing is pending: the buffers may go with it.
        unsafe io_uring_queue_exit(ring)
        unsafe hs_buffer_ring_destroy(buffers)
        unsafe hs_buffer_ring_destroy(bulkBuffers)
        unsafe wakeCounter.deallocate()
        unsafe timerInterval.deallocate()
        unsafe spareEntry.deallocate()
        unsafe ring.deallocate()
    }

    /// Nobody takes the connections that were accepted and not handed out.
    private func closeUnseenConnections() {
        for offset in taken..<max(taken, unsafe hs_uring_ready(ring)) {
            // In range: below what is ready.
            let entry = unsafe hs_uring_completion(ring, offset)!.pointee
            if Token.unpack(entry.user_data).0 == .accept, entry.res >= 0 { _ = Glibc.close(entry.res) }
        }
    }

    /// Whether completions wait in the kernel because the queue has no room for them; the next `wait` fetches them.
    var hasOverflow: Bool { unsafe hs_uring_has_overflow(ring) }

    mutating func wait() throws(SystemError) {
        // As the kernel says it of completions.
        if hasLostOperations { throw SystemError("io_uring_enter", code: EBADR) }
        unsafe _ = hs_buffer_ring_publish(buffers)
        unsafe _ = hs_buffer_ring_publish(bulkBuffers)
        if !bulk.isEmpty { queueBulk() }
        let status =
            unsafe bulk.isEmpty ? io_uring_submit_and_wait(ring, 1) : io_uring_submit_and_get_events(ring)
        ready = unsafe hs_uring_ready(ring)
        taken = 0
        // Also after a failure, which leaves in the queue what was not submitted.
        if !quietSends.isEmpty { settleQuietSends() }
        guard status < 0, status != -EINTR else { return }
        // The kernel may want completions taken first, which the coming turn does.
        if status == -EBUSY || status == -EAGAIN, ready > 0 { return }
        throw SystemError("io_uring_enter", code: -status)
    }

    mutating func restart() throws(SystemError) {
        // The old ring goes with what is under way in it.
        self = try UringDriver(configuration: configuration)
    }

    mutating func nextCompletion() -> Completion? {
        if let done = nextQuietSend() { return done }
        while taken < ready {
            // In range: below `ready`. The entry stays in place until the queue is advanced at the turn's end.
            let entry = unsafe hs_uring_completion(ring, taken)!.pointee
            taken += 1
            let (operation, token) = Token.unpack(entry.user_data)
            guard let operation, operation != .ignored, operation != .barrier else { continue }
            return completion(of: operation, token: token, entry: entry)
        }
        unsafe io_uring_cq_advance(ring, ready)
        ready = 0
        taken = 0
        return nil
    }

    mutating func release(_ completion: Completion) {
        guard completion.bufferID >= 0 else { return }
        buffersInUse -= 1
        let ring = unsafe completion.bufferID & UringDriver.bulkBufferFlag == 0 ? buffers : bulkBuffers
        unsafe hs_buffer_ring_return(ring, UInt16(truncatingIfNeeded: completion.bufferID))
    }

    /// Finds out which quiet sends are done: all that were submitted, unless the kernel says otherwise.
    private mutating func settleQuietSends() {
        for offset in 0..<ready {
            // In range: below `ready`.
            let (operation, token) = Token.unpack(unsafe hs_uring_completion(ring, offset)!.pointee.user_data)
            switch operation {
            case .quietSend:
                // A connection has one send at a time, so its token names the send.
                guard let failed = quietSends.firstIndex(where: { $0.token == token }) else { continue }
                quietSends.remove(at: failed)
                if let behind = quietBehindBarrier, failed < behind { quietBehindBarrier = behind - 1 }
            case .barrier:
                quietDone = quietBehindBarrier ?? 0
                quietBehindBarrier = nil
            default:
                break
            }
        }
        if unsafe io_uring_sq_ready(ring) == 0 && !hasOverflow {
            quietDone = quietSends.count
            quietBehindBarrier = nil
        } else if quietBehindBarrier == nil, quietSends.count > quietDone {
            // Not submitted, or perhaps reported where we can't see it yet, and that may go on for long. Completions
            // keep their order even there, so what is not reported before that of a later NOP is done.
            submitBarrier()
        }
    }

    /// The next quiet send that is done, as the completion it stands for.
    private mutating func nextQuietSend() -> Completion? {
        guard quietTaken < quietDone else { return nil }
        let send = quietSends[quietTaken]
        quietTaken += 1
        if quietTaken == quietDone {
            quietSends.removeFirst(quietDone)
            if let behind = quietBehindBarrier { quietBehindBarrier = behind - quietDone }
            quietTaken = 0
            quietDone = 0
        }
        return Completion(.send, token: send.token, result: send.byteCount, isFinal: true)
    }

    /// Translates an entry and keeps the driver's own watches going.
    private mutating func completion(of operation: Operation, token: Token, entry: io_uring_cqe) -> Completion {
        let hasMore = entry.flags & UInt32(IORING_CQE_F_MORE) != 0
        if operation == .wake { readWake() }
        if operation == .quietSend {
            // Sent in part or not at all because the socket is full: the rest goes the usual way.
            let sent = entry.res == -EAGAIN ? 0 : entry.res
            return Completion(.send, token: token, result: sent, isFinal: true)
        }
        // A timeout "fails" with ETIME when its time has come.
        let result = operation == .timer ? 0 : entry.res
        let isBulk = operation == .bulkReceive
        guard operation == .receive || isBulk, entry.flags & UInt32(IORING_CQE_F_BUFFER) != 0 else {
            return Completion(isBulk ? .receive : operation, token: token, result: result, isFinal: !hasMore)
        }
        let id = UInt16(truncatingIfNeeded: entry.flags >> UInt32(IORING_CQE_BUFFER_SHIFT))
        buffersInUse += 1
        // The kernel wrote `res` bytes into this buffer and will not touch it before it is returned.
        let bytes = unsafe UnsafeRawBufferPointer(
            start: hs_buffer_ring_memory(isBulk ? bulkBuffers : buffers, id), count: Int(max(entry.res, 0)))
        let bufferID = Int32(id) | (isBulk ? UringDriver.bulkBufferFlag : 0)
        return unsafe Completion(received: token, isFinal: !hasMore, bytes: bytes, bufferID: bufferID)
    }

    /// Creates the ring and registers the buffers; undoes all of it when a step fails.
    private static func setUp(
        _ configuration: DriverConfiguration
    ) throws(SystemError) -> (ring: UnsafeMutablePointer<io_uring>, buffers: OpaquePointer, bulkBuffers: OpaquePointer)
    {
        let ring = UnsafeMutablePointer<io_uring>.allocate(capacity: 1)
        unsafe ring.initialize(to: io_uring())
        var parameters = io_uring_params()
        parameters.flags = UInt32(IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_CQSIZE)
        parameters.cq_entries = configuration.submissionQueueEntries * 8
        let status = unsafe io_uring_queue_init_params(configuration.submissionQueueEntries, ring, &parameters)
        guard status == 0 else {
            unsafe ring.deallocate()
            throw SystemError("io_uring_setup", code: -status)
        }
        _ = endedRings.load(ordering: .acquiring)
        var failure = unsafe probe(ring)
        if failure == 0,
            let buffers = unsafe hs_buffer_ring_create(
                ring, bufferGroup, UInt32(configuration.receiveBufferCount),
                UInt32(configuration.receiveBufferByteCount), &failure)
        {
            if let bulkBuffers = unsafe hs_buffer_ring_create(
                ring, bulkBufferGroup, bulkBufferCount, bulkBufferByteCount, &failure)
            {
                return unsafe (ring, buffers, bulkBuffers)
            }
            unsafe io_uring_queue_exit(ring)
            unsafe hs_buffer_ring_destroy(buffers)
        } else {
            unsafe io_uring_queue_exit(ring)
        }
        unsafe ring.deallocate()
        throw SystemError("io_uring", code: failure)
    }

    /// Runs one NOP through the ring: some sandboxes let the set-up pass and refuse the first submission.
    /// Returns 0, or the errno of the failure.
    private static func probe(_ ring: UnsafeMutablePointer<io_uring>) -> Int32 {
        guard let entry = unsafe io_uring_get_sqe(ring) else { return ENOBUFS }
        unsafe io_uring_prep_nop(entry)
        let status = unsafe io_uring_submit_and_wait(ring, 1)
        guard status == 1, unsafe hs_uring_ready(ring) == 1 else { return status < 0 ? -status : EOPNOTSUPP }
        let result = unsafe hs_uring_completion(ring, 0).pointee.res
        unsafe io_uring_cq_advance(ring, 1)
        return -result
    }
}
