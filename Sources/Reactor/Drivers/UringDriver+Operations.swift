import CHyperURing
import Glibc
import Platform

// One submission entry for each operation, except for the few that are system calls of their own.
extension UringDriver {
    static let largeBufferCount: UInt32 = 8
    static let bufferGroup: UInt16 = 0
    static let largeBufferGroup: UInt16 = 1
    /// Distinguishes the identifiers of large buffers, of 16 bits, from those of the other group.
    static let largeBufferFlag: Int32 = 1 << 16

    // Inlined, so that only the caller's case of the switch remains.
    @inline(__always)
    mutating func submit(_ operation: Operation, _ token: Token) {
        switch operation {
        case .accept(let descriptor, let once, let sharesQueue):
            accept(token, descriptor, once: once || sharesQueue)
        case .receive(let descriptor, let mode):
            receive(token, descriptor, mode)
        case .send(let descriptor, let bytes, let mode):
            unsafe send(token, descriptor, bytes, mode)
        case .cancel(let kind):
            cancel(token.packed(kind))
        case .shutdown(let descriptor, let direction):
            // Not through the ring: the kernel passes a shutdown to a worker thread, which resolves the descriptor
            // later. If the descriptor were closed and reused meanwhile, another connection would be shut down.
            _ = Glibc.shutdown(descriptor, direction)
        case .close(let descriptor):
            close(descriptor)
        case .wake(let descriptor):
            wakeDescriptor = descriptor
            readWake()
        case .timer(let nanoseconds):
            setTimer(nanoseconds)
        case .barrier:
            let entry = unsafe nextEntry()
            unsafe io_uring_prep_nop(entry)
            unsafe label(entry, token, .barrier)
        }
    }

    private mutating func accept(_ token: Token, _ descriptor: Int32, once: Bool) {
        let entry = unsafe nextEntry()
        if once {
            // The kernel adds an accept to the socket's wait queue as an exclusive waiter. One that is not multishot
            // leaves the queue when it completes, and the next one is added at the end. A multishot accept would stay
            // first and be woken each time.
            unsafe io_uring_prep_accept(entry, descriptor, nil, nil, Int32(SOCK_CLOEXEC.rawValue))
        } else {
            unsafe io_uring_prep_multishot_accept(entry, descriptor, nil, nil, Int32(SOCK_CLOEXEC.rawValue))
        }
        unsafe label(entry, token, .accept)
    }

    private mutating func receive(_ token: Token, _ descriptor: Int32, _ mode: Operation.ReceiveMode) {
        let entry = unsafe nextEntry()
        if mode == .multishot {
            unsafe io_uring_prep_recv_multishot(entry, descriptor, nil, 0, 0)
        } else {
            unsafe io_uring_prep_recv(entry, descriptor, nil, 0, 0)
        }
        // The kernel takes a buffer of the group, and as many bytes as fit.
        unsafe entry.pointee.flags |= UInt8(HS_SQE_BUFFER_SELECT)
        unsafe entry.pointee.buf_group = mode == .onceLarge ? UringDriver.largeBufferGroup : UringDriver.bufferGroup
        unsafe label(entry, token, mode == .onceLarge ? .largeReceive : .receive)
    }

    private mutating func send(
        _ token: Token, _ descriptor: Int32, _ bytes: UnsafeRawBufferPointer, _ mode: Operation.SendMode
    ) {
        let entry = unsafe nextEntry()
        let flags: Int32 =
            switch mode {
            // Without WAITALL: may complete short, which shows the client's pace.
            case .reported: 0
            case .more: Int32(MSG_MORE)
            // DONTWAIT: tried once, when it is submitted. WAITALL: a short send is a failure, and so is reported in
            // spite of SKIP_SUCCESS. A send that is not reported by then has succeeded.
            case .quiet: Int32(MSG_WAITALL) | Int32(MSG_DONTWAIT)
            }
        // NOSIGNAL prevents SIGPIPE.
        unsafe io_uring_prep_send(entry, descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL) | flags)
        if mode == .quiet { unsafe entry.pointee.flags |= UInt8(HS_SQE_SKIP_SUCCESS) }
        unsafe label(entry, token, mode == .quiet ? .quietSend : .send)
    }

    private mutating func close(_ descriptor: Int32) {
        let entry = unsafe nextEntry()
        guard !hasLostOperations else {
            _ = Glibc.close(descriptor)
            return
        }
        unsafe io_uring_prep_close(entry, descriptor)
        unsafe entry.pointee.flags |= UInt8(HS_SQE_SKIP_SUCCESS)
        unsafe label(entry, .none, .ignored)
    }

    private mutating func setTimer(_ nanoseconds: Int64) {
        unsafe timerInterval.initialize(
            to: __kernel_timespec(tv_sec: nanoseconds / 1_000_000_000, tv_nsec: nanoseconds % 1_000_000_000))
        let entry = unsafe nextEntry()
        unsafe io_uring_prep_timeout(entry, timerInterval, 0, 0)
        unsafe label(entry, .none, .timer)
    }

    mutating func readWake() {
        let entry = unsafe nextEntry()
        unsafe io_uring_prep_read(entry, wakeDescriptor, wakeCounter, 8, 0)
        unsafe label(entry, .none, .wake)
    }

    private mutating func cancel(_ userData: UInt64) {
        let entry = unsafe nextEntry()
        unsafe io_uring_prep_cancel64(entry, userData, 0)
        unsafe label(entry, .none, .ignored)
    }

    /// Returns the next free submission entry. A full queue is submitted first, without waiting.
    private mutating func nextEntry() -> UnsafeMutablePointer<io_uring_sqe> {
        if let entry = unsafe io_uring_get_sqe(ring) { return unsafe entry }
        return unsafe entryOfFullQueue()
    }

    /// Submits the queued entries. If the kernel accepts none of them for an eighth of a second, the operations from
    /// here on are lost.
    private mutating func entryOfFullQueue() -> UnsafeMutablePointer<io_uring_sqe> {
        var pause: UInt32 = 0
        while !hasLostOperations {
            let status = unsafe io_uring_submit(ring)
            if let entry = unsafe io_uring_get_sqe(ring) { return unsafe entry }
            let mayPass = status >= 0 || WaitFailure(-status) != .lasting
            guard mayPass, pause <= 64_000 else { break }
            if pause > 0 { usleep(pause) }
            pause = max(1000, pause * 2)
        }
        hasLostOperations = true
        return unsafe spareEntry
    }

    /// Writes `user_data`; after the `prep` call, so that it holds whatever that call clears.
    private func label(_ entry: UnsafeMutablePointer<io_uring_sqe>, _ token: Token, _ kind: Operation.Kind) {
        unsafe io_uring_sqe_set_data64(entry, token.packed(kind))
    }
}
