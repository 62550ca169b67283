import CHyperURing
import Glibc
import Platform

// What a reactor can ask of the kernel, one submission entry each.
extension UringDriver {
    mutating func startAccepting(_ token: Token, descriptor: Int32, sharesQueue: Bool) {
        let entry = unsafe nextEntry()
        if sharesQueue {
            // The kernel adds an accept to the socket's wait queue as an exclusive waiter. One that is not multishot
            // leaves the queue when it completes, and the next one is added at the end. A multishot accept would stay
            // first and be woken each time.
            unsafe io_uring_prep_accept(entry, descriptor, nil, nil, Int32(SOCK_CLOEXEC.rawValue))
        } else {
            unsafe io_uring_prep_multishot_accept(entry, descriptor, nil, nil, Int32(SOCK_CLOEXEC.rawValue))
        }
        unsafe label(entry, token, .accept)
    }

    mutating func acceptOnce(_ token: Token, descriptor: Int32, sharesQueue: Bool) {
        startAccepting(token, descriptor: descriptor, sharesQueue: true)
    }

    mutating func stopAccepting(_ token: Token) {
        cancel(token.packed(.accept))
    }

    mutating func startReceiving(_ token: Token, descriptor: Int32) {
        let entry = unsafe nextEntry()
        unsafe io_uring_prep_recv_multishot(entry, descriptor, nil, 0, 0)
        unsafe selectBuffer(entry, group: UringDriver.bufferGroup)
        unsafe label(entry, token, .receive)
    }

    mutating func receiveOnce(_ token: Token, descriptor: Int32) {
        let entry = unsafe nextEntry()
        unsafe io_uring_prep_recv(entry, descriptor, nil, 0, 0)
        unsafe selectBuffer(entry, group: UringDriver.bufferGroup)
        unsafe label(entry, token, .receive)
    }

    /// Has the kernel take a buffer of the group, as long as that is.
    func selectBuffer(_ entry: UnsafeMutablePointer<io_uring_sqe>, group: UInt16) {
        unsafe entry.pointee.flags |= UInt8(HS_SQE_BUFFER_SELECT)
        unsafe entry.pointee.buf_group = group
    }

    mutating func stopReceiving(_ token: Token) {
        // One of `receiveBulk` is left to end by itself.
        cancel(token.packed(.receive))
    }

    mutating func send(_ token: Token, descriptor: Int32, bytes: UnsafeRawBufferPointer, isAwaited: Bool) {
        guard bytes.count < BulkQueue.largeSendByteCount else {
            return unsafe bulk.send(token, descriptor: descriptor, bytes: bytes)
        }
        let entry = unsafe nextEntry()
        // NOSIGNAL spares us SIGPIPE. Awaited sends complete short, so that the client's pace can be seen.
        let flags = Int32(MSG_NOSIGNAL) | (isAwaited ? 0 : Int32(MSG_WAITALL) | Int32(MSG_DONTWAIT))
        unsafe io_uring_prep_send(entry, descriptor, bytes.baseAddress, bytes.count, flags)
        guard !isAwaited else { return unsafe label(entry, token, .send) }
        // DONTWAIT: tried once, when it is submitted. WAITALL: anything short of everything is a failure, and so
        // reported in spite of SKIP_SUCCESS. What is not reported by then has been sent.
        unsafe entry.pointee.flags |= UInt8(HS_SQE_SKIP_SUCCESS)
        unsafe label(entry, token, .quietSend)
        quietSends.append(QuietSend(token: token, byteCount: Int32(truncatingIfNeeded: bytes.count)))
    }

    mutating func awaitSends() {
        // Completes at once, and by then all sends before it are settled.
        if quietBehindBarrier == nil { submitBarrier() }
    }

    /// Has a completion come behind those of all sends so far.
    mutating func submitBarrier() {
        let entry = unsafe nextEntry()
        unsafe io_uring_prep_nop(entry)
        unsafe label(entry, .none, .barrier)
        quietBehindBarrier = quietSends.count
    }

    mutating func sendMore(_ token: Token, descriptor: Int32, bytes: UnsafeRawBufferPointer) {
        let entry = unsafe nextEntry()
        // Without WAITALL: short, it completes as far as the client has come, whose pace can be seen then.
        let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_MORE)
        unsafe io_uring_prep_send(entry, descriptor, bytes.baseAddress, bytes.count, flags)
        unsafe label(entry, token, .send)
    }

    mutating func shutdown(descriptor: Int32, direction: Int32) {
        // Not through the ring: the kernel leaves a shutdown to a worker thread, which looks the descriptor up when it
        // gets to it. Closed and given to another connection meanwhile, that one would be shut down.
        _ = Glibc.shutdown(descriptor, direction)
    }

    mutating func close(_ token: Token, descriptor: Int32) {
        let entry = unsafe nextEntry()
        guard !hasLostOperations else {
            _ = Glibc.close(descriptor)
            return
        }
        unsafe io_uring_prep_close(entry, descriptor)
        unsafe ignoreSuccess(entry)
    }

    mutating func watchWake(descriptor: Int32) {
        wakeDescriptor = descriptor
        readWake()
    }

    var ringDescriptor: Int32 { unsafe ring.pointee.ring_fd }

    mutating func setTimer(nanoseconds: Int64) {
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

    private func ignoreSuccess(_ entry: UnsafeMutablePointer<io_uring_sqe>) {
        unsafe entry.pointee.flags |= UInt8(HS_SQE_SKIP_SUCCESS)
        unsafe label(entry, .none, .ignored)
    }

    /// The next free submission entry; a full queue is submitted first, without waiting.
    mutating func nextEntry() -> UnsafeMutablePointer<io_uring_sqe> {
        if let entry = unsafe io_uring_get_sqe(ring) { return unsafe entry }
        return unsafe entryOfFullQueue()
    }

    /// Submits what was queued. If the kernel takes nothing of it for an eighth of a second, the operations from here
    /// on are lost.
    private mutating func entryOfFullQueue() -> UnsafeMutablePointer<io_uring_sqe> {
        var pause: UInt32 = 0
        while !hasLostOperations {
            let status = unsafe io_uring_submit(ring)
            if let entry = unsafe io_uring_get_sqe(ring) { return unsafe entry }
            let mayPass = status >= 0 || SystemError("io_uring_enter", code: -status).mayPass
            guard mayPass, pause <= 64_000 else { break }
            if pause > 0 { usleep(pause) }
            pause = max(1000, pause * 2)
        }
        hasLostOperations = true
        return unsafe spareEntry
    }

    /// Writes `user_data`; after the `prep` call, so that it holds whatever that call clears.
    func label(_ entry: UnsafeMutablePointer<io_uring_sqe>, _ token: Token, _ operation: Operation) {
        unsafe io_uring_sqe_set_data64(entry, token.packed(operation))
    }
}
