import Glibc
import HTTP1
import HTTPCore

// What happens to a connection. After each event the reactor performs `nextAction` until there is none.
extension Connection {
    /// `bytes` arrived; they are not needed any more when this returns.
    mutating func received(_ bytes: UnsafeRawBufferPointer, _ services: inout ConnectionServices) {
        countReceived(bytes.count, &services)
        switch phase {
        case .closing:
            // The client may go on sending; closed on that, the socket would be reset, and the answer lost with it.
            needsLingering = true
            return
        case .closed:
            return
        case .lingering:
            discarded += bytes.count
            if discarded > services.configuration.maximumDiscardedByteCount { phase = .closed }
            return
        case .head:
            break
        default:
            // Of a body, most likely, which is in memory until it has been read.
            services.freedByteCount += bytes.count
        }
        if !input.isEmpty || phase == .suspended || isDeferred {
            unsafe input.append(bytes)
            // Deferred, it goes on when its turn comes.
            if !isDeferred { processInput(&services) }
        } else {
            let used = unsafe process(bytes, &services)
            if used < bytes.count { unsafe input.append(UnsafeRawBufferPointer(rebasing: bytes[used...])) }
        }
    }

    /// The receive is over: the peer sent its last byte (`failure` 0), the kernel stopped it, or the connection broke.
    mutating func receiveEnded(failure: Int32, _ services: inout ConnectionServices) {
        isReceiving = false
        isStoppingReceive = false
        switch failure {
        case 0:
            peerIsFinished = true
            if phase == .lingering || isIdle { phase = .closed } else { closeIfNothingComes() }
            // A client may send FIN and wait for its response. One that reads a stream is taken to have had enough of
            // it. Whether it is gone altogether is looked at from now on; see `watchesPeer`.
            if let exchange, exchange.hasBegunAnswer { exchange.task?.cancel() }
        case ENOBUFS, ECANCELED, EINTR, EAGAIN:
            // Out of buffers, or stopped on purpose: `nextAction` arms it again when there is room.
            if failure == EAGAIN, isReceivingOnce { countFloodReceive(&services) }
        default:
            fail()
        }
    }

    /// The kernel took `count` bytes of `sending`, or failed with a negated errno. Returns whether to send the rest.
    mutating func sent(_ result: Int, _ services: inout ConnectionServices) -> Bool {
        // Not a failure: nothing was taken this time.
        let count = result == -Int(EINTR) || result == -Int(EAGAIN) ? 0 : result
        isSendQuiet = false
        guard count >= 0 else {
            isSending = false
            fail()
            return false
        }
        sending.removeFirst(min(count, sending.count))
        transferred += count
        if exchange != nil { noteSent(count) }
        // A short send goes on with the rest, ahead of anything newer.
        if !sending.isEmpty, phase != .closed { return true }
        isSending = false
        services.buffers.takeBack(&sending)
        exchange?.grantRoom(unsent: output.count)
        if !input.isEmpty, !isDeferred { processInput(&services) }
        if peerIsFinished { closeIfNothingComes() }
        return false
    }

    /// The client has got some of the response, if it has begun.
    @inline(never)
    private func noteSent(_ count: Int) {
        if count > 0, let exchange, exchange.hasBegunAnswer { exchange.hasSentAnswer = true }
    }

    /// The deadline has passed: who waits for an answer, or is sending a request, is told; the rest is closed.
    mutating func timedOut(_ services: inout ConnectionServices) {
        if isPeerCheckDue() { return }
        switch wait {
        case .head: reject(.requestTimeout, &services)
        case .body where exchange != nil: breakOff(.requestTimeout, .bodyTooSlow, &services)
        case .body where phase != .discardingChunks && !isDiscarding: reject(.requestTimeout, &services)
        case .handler:
            // Unless the response of a handler on another thread is on its way at this very moment.
            if let exchange, exchange.replace(by: Rejection.handlerTimeout.status) {
                reject(.handlerTimeout, &services)
            }
        case .producer: break
        case .request, .lastRequest, .body, .sending, .lingering: phase = .closed
        }
    }

    private var isDiscarding: Bool {
        if case .discarding = phase { true } else { false }
    }

    /// There are too many connections for this one: it is told so.
    mutating func refuse(_ services: inout ConnectionServices) {
        reject(.tooManyConnections, &services)
    }

    /// The connection is broken, or has had its time: nothing more can be sent.
    mutating func fail() {
        phase = .closed
    }

    /// After the peer's end: what is complete gets its answer, what is not never will be.
    mutating func closeIfNothingComes() {
        switch phase {
        case .suspended, .closing, .lingering, .closed:
            return
        case _ where isDeferred:
            return
        case .head where !input.isEmpty && (isSending || !output.isEmpty):
            // Complete requests may wait behind the answers under way; looked at again when those are out.
            return
        default:
            phase = .closing
            needsLingering = false
        }
    }

    /// Works on what is in `input`.
    mutating func processInput(_ services: inout ConnectionServices) {
        // `process` does not touch `input`, so the bytes stay in place.
        let used = unsafe process(input.unsafeBytes, &services)
        input.removeFirst(used)
        guard input.isEmpty else { return }
        services.freedByteCount += input.capacity
        input = ByteBuffer()
    }
}
