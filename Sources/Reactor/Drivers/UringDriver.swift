import CHyperURing
import Glibc
import Platform
import Synchronization

/// Orders destroyed rings before new ones, which may have the same addresses as another thread's earlier ring. The
/// kernel orders the two already; this makes it visible to ThreadSanitizer, which sees neither the unmapping nor the
/// mapping.
private let endedRings = Atomic<Int>(0)

/// The driver on io_uring: multishot accept, multishot receive into a ring of provided buffers, one
/// `io_uring_enter` a turn that submits and waits together.
///
/// Always `SINGLE_ISSUER | DEFER_TASKRUN`: the kernel processes completions on this thread when it asks for them, never
/// in between, and modes without it were seen to hang a kernel thread for good.
@safe
struct UringDriver: Driver, ~Copyable {
    static var kind: DriverKind { .ioUring }

    // Owned: freed in `deinit`, used by this thread only. The ring must not move, since the kernel library keeps
    // pointers into it.
    let ring: UnsafeMutablePointer<io_uring>
    /// The submission entry that is used when none is free. It never reaches the kernel.
    let spareEntry: UnsafeMutablePointer<io_uring_sqe>
    /// Whether operations were written to the spare entry: the next `wait` throws.
    var hasLostOperations = false
    private let configuration: DriverConfiguration
    private let buffers: OpaquePointer
    private let largeBuffers: OpaquePointer
    /// The memory that the eventfd's counter is read into.
    let wakeCounter: UnsafeMutablePointer<UInt64>
    let timerInterval: UnsafeMutablePointer<__kernel_timespec>
    var wakeDescriptor: Int32 = -1

    /// The completions of this turn: those before `taken` were returned, and the queue is advanced over all at its end.
    private var ready: UInt32 = 0
    private var taken: UInt32 = 0
    private(set) var hasReportedSends = true
    private(set) var buffersInUse = 0

    init(configuration: DriverConfiguration) throws(SystemError) {
        let created = unsafe try UringDriver.setUp(configuration)
        unsafe ring = created.ring
        unsafe buffers = created.buffers
        unsafe largeBuffers = created.largeBuffers
        self.configuration = configuration
        unsafe spareEntry = .allocate(capacity: 1)
        unsafe spareEntry.initialize(to: io_uring_sqe())
        unsafe wakeCounter = .allocate(capacity: 1)
        unsafe timerInterval = .allocate(capacity: 1)
    }

    deinit {
        // The last queued operations still have to reach the kernel, above all the closing of descriptors.
        if unsafe io_uring_sq_ready(ring) > 0 {
            unsafe io_uring_submit(ring)
            // The kernel may have refused some of them.
            unsafe hs_uring_close_unsubmitted(ring)
        }
        unsafe hs_uring_cancel_all(ring)
        closeUnseenConnections()
        endedRings.add(1, ordering: .releasing)
        // No operation is pending, so the buffers may be freed too.
        unsafe io_uring_queue_exit(ring)
        unsafe hs_buffer_ring_destroy(buffers)
        unsafe hs_buffer_ring_destroy(largeBuffers)
        unsafe wakeCounter.deallocate()
        unsafe timerInterval.deallocate()
        unsafe spareEntry.deallocate()
        unsafe ring.deallocate()
    }

    /// Closes the connections that were accepted and not returned as completions.
    private func closeUnseenConnections() {
        for offset in taken..<max(taken, unsafe hs_uring_ready(ring)) {
            let entry = entry(offset)
            if Token.unpack(entry.user_data).0 == .accept, entry.res >= 0 { _ = Glibc.close(entry.res) }
        }
    }

    var ringDescriptor: Int32 { unsafe ring.pointee.ring_fd }

    /// Whether completions wait in the kernel because the queue has no room for them; the next `wait` fetches them.
    var hasOverflow: Bool { unsafe hs_uring_has_overflow(ring) }

    mutating func wait(blocks: Bool) throws(SystemError) {
        // The same error as the kernel's for lost completions.
        if hasLostOperations { throw SystemError("io_uring_enter", code: EBADR) }
        unsafe _ = hs_buffer_ring_publish(buffers)
        unsafe _ = hs_buffer_ring_publish(largeBuffers)
        let status =
            unsafe blocks ? io_uring_submit_and_wait(ring, 1) : io_uring_submit_and_get_events(ring)
        ready = unsafe hs_uring_ready(ring)
        taken = 0
        // A failure leaves in the queue what was not submitted, and an overflow leaves completions in the kernel.
        hasReportedSends = unsafe io_uring_sq_ready(ring) == 0 && !hasOverflow
        guard status < 0, status != -EINTR else { return }
        // The kernel may need completions to be taken first, which the coming turn does.
        if status == -EBUSY || status == -EAGAIN, ready > 0 { return }
        throw SystemError("io_uring_enter", code: -status)
    }

    mutating func restart() throws(SystemError) {
        // Destroying the old ring ends its operations.
        self = try UringDriver(configuration: configuration)
    }

    mutating func nextCompletion() -> Completion? {
        while taken < ready {
            let entry = entry(taken)
            taken += 1
            let (kind, token) = Token.unpack(entry.user_data)
            guard let kind, kind != .ignored else { continue }
            return completion(of: kind, token: token, entry: entry)
        }
        unsafe io_uring_cq_advance(ring, ready)
        ready = 0
        taken = 0
        return nil
    }

    func completionAhead(_ index: Int) -> (kind: Operation.Kind, token: Token)? {
        guard index < Int(ready - taken) else { return nil }
        let (kind, token) = Token.unpack(entry(taken + UInt32(index)).user_data)
        return (kind ?? .ignored, token)
    }

    /// Returns a completion of this turn, which is valid until the queue is advanced at the turn's end.
    private func entry(_ offset: UInt32) -> io_uring_cqe {
        // In range: below `ready`.
        unsafe hs_uring_completion(ring, offset)!.pointee
    }

    mutating func release(_ completion: Completion) {
        guard completion.bufferID >= 0 else { return }
        buffersInUse -= 1
        let ring = unsafe completion.bufferID & UringDriver.largeBufferFlag == 0 ? buffers : largeBuffers
        unsafe hs_buffer_ring_return(ring, UInt16(truncatingIfNeeded: completion.bufferID))
    }

    /// Translates an entry, and renews the driver's own watches.
    private mutating func completion(of kind: Operation.Kind, token: Token, entry: io_uring_cqe) -> Completion {
        let hasMore = entry.flags & UInt32(IORING_CQE_F_MORE) != 0
        if kind == .wake { readWake() }
        let isLarge = kind == .largeReceive
        guard kind == .receive || isLarge, entry.flags & UInt32(IORING_CQE_F_BUFFER) != 0 else {
            // A timeout "fails" with ETIME when it expires.
            return Completion(
                isLarge ? .receive : kind, token: token, result: kind == .timer ? 0 : entry.res, isFinal: !hasMore)
        }
        let id = UInt16(truncatingIfNeeded: entry.flags >> UInt32(IORING_CQE_BUFFER_SHIFT))
        buffersInUse += 1
        // The kernel wrote `res` bytes into this buffer and will not touch it before it is returned.
        let bytes = unsafe UnsafeRawBufferPointer(
            start: hs_buffer_ring_memory(isLarge ? largeBuffers : buffers, id), count: Int(max(entry.res, 0)))
        let bufferID = Int32(id) | (isLarge ? UringDriver.largeBufferFlag : 0)
        return unsafe Completion(received: token, isFinal: !hasMore, bytes: bytes, bufferID: bufferID)
    }

    /// Creates the ring and registers the buffers; undoes all of it when a step fails.
    private static func setUp(
        _ configuration: DriverConfiguration
    ) throws(SystemError) -> (ring: UnsafeMutablePointer<io_uring>, buffers: OpaquePointer, largeBuffers: OpaquePointer)
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
            if let largeBuffers = unsafe hs_buffer_ring_create(
                ring, largeBufferGroup, largeBufferCount, UInt32(Operation.largeReceiveByteCount), &failure)
            {
                return unsafe (ring, buffers, largeBuffers)
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
