import CPlatform
import Glibc
import Platform

// The operations, on epoll.
extension EpollDriver {
    // Inlined, so that only the caller's case of the switch remains.
    @inline(__always)
    mutating func submit(_ operation: Operation, _ token: Token) {
        switch operation {
        case .accept(let descriptor, _, let sharesQueue):
            accept(token, descriptor, sharesQueue: sharesQueue)
        case .receive(let descriptor, let mode):
            adopt(token, descriptor)
            sockets[token.slot].receiving = mode
            updateInterest(token)
        case .send(let descriptor, let bytes, let mode):
            adopt(token, descriptor)
            unsafe send(token, bytes, mode)
        case .cancel(let kind):
            if kind == .accept { stopAccepting(token) } else { stopReceiving(token) }
        case .shutdown(let descriptor, let direction):
            _ = Glibc.shutdown(descriptor, direction)
        case .close(let descriptor):
            close(token, descriptor)
        case .wake(let descriptor):
            wakeDescriptor = descriptor
            // `wait` adds the eventfd to the set, and throws if that fails.
            isWakeMissing = true
        case .timer(let nanoseconds):
            timerDeadline = Clock.nanoseconds() + nanoseconds
        case .barrier:
            known.append(Completion(.barrier, token: token, result: 0, isFinal: true))
        }
    }

    private mutating func accept(_ token: Token, _ descriptor: Int32, sharesQueue: Bool) {
        while token.slot >= listeners.count { listeners.append(ListeningSocket()) }
        // Of several reactors that wait for one socket, the kernel wakes only one.
        let events = EPOLLIN.rawValue | (sharesQueue ? EPOLLEXCLUSIVE.rawValue : 0)
        let failure = control(EPOLL_CTL_ADD, descriptor, events, token.packed(.accept))
        guard failure == 0 else {
            return known.append(Completion(.accept, token: token, result: -failure, isFinal: true))
        }
        listeners[token.slot] = ListeningSocket(token: token, descriptor: descriptor, sharesQueue: sharesQueue)
    }

    private mutating func stopAccepting(_ token: Token) {
        guard token.slot < listeners.count, listeners[token.slot].token == token,
            listeners[token.slot].descriptor >= 0
        else { return }
        unwatchListener(token)
        known.append(Completion(.accept, token: token, result: -ECANCELED, isFinal: true))
    }

    mutating func unwatchListener(_ token: Token) {
        _ = control(EPOLL_CTL_DEL, listeners[token.slot].descriptor, 0, 0)
        listeners[token.slot].descriptor = -1
    }

    /// Moves to the end of the wait queue of a shared socket, where the kernel wakes the first reactor that sleeps.
    /// Adding the socket to the set also checks it, so no connection is missed in between.
    mutating func queueAgain(_ token: Token) {
        let listener = listeners[token.slot]
        unwatchListener(token)
        accept(token, listener.descriptor, sharesQueue: true)
    }

    private mutating func stopReceiving(_ token: Token) {
        guard sockets[token.slot].receiving != nil else { return }
        sockets[token.slot].receiving = nil
        updateInterest(token)
        known.append(Completion(.receive, token: token, result: -ECANCELED, isFinal: true))
    }

    /// Sends at once. The rest waits until the socket has room, unless the reactor is to decide about it.
    private mutating func send(_ token: Token, _ bytes: UnsafeRawBufferPointer, _ mode: Operation.SendMode) {
        let flags = Int32(MSG_NOSIGNAL) | (mode == .more ? Int32(MSG_MORE) : 0)
        // The reactor keeps these bytes in place until the completion, as in `continueSending`.
        let count = unsafe Glibc.send(sockets[token.slot].descriptor, bytes.baseAddress, bytes.count, flags)
        let failure = errno
        if count < 0, failure == EAGAIN || failure == EINTR {
            if mode == .reported {
                unsafe sockets[token.slot].unsent = unsafe bytes
                return updateInterest(token)
            }
            return completeSend(token, mode, 0)
        }
        guard mode != .quiet || count < bytes.count else { return }
        completeSend(token, mode, count < 0 ? -Int(failure) : count)
    }

    private mutating func completeSend(_ token: Token, _ mode: Operation.SendMode, _ result: Int) {
        let kind = mode == .quiet ? Operation.Kind.quietSend : .send
        known.append(Completion(kind, token: token, result: Int32(clamping: result), isFinal: true))
    }

    private mutating func close(_ token: Token, _ descriptor: Int32) {
        if token.slot < sockets.count, sockets[token.slot].token == token {
            watch(token, interest: 0)
            sockets[token.slot] = Socket()
        }
        _ = Glibc.close(descriptor)
    }

    mutating func addWake() throws(SystemError) {
        let failure = control(EPOLL_CTL_ADD, wakeDescriptor, EPOLLIN.rawValue, Token.none.packed(.wake))
        guard failure == 0 else { throw SystemError("epoll_ctl", code: failure) }
        isWakeMissing = false
    }

    var ringDescriptor: Int32 { -1 }

    /// Sends the bytes that wait for room in the socket. If the socket is still full, they continue to wait.
    mutating func continueSending(_ token: Token) {
        let socket = sockets[token.slot]
        guard unsafe socket.unsent.count > 0 else { return }
        let count = unsafe Glibc.send(
            socket.descriptor, socket.unsent.baseAddress, socket.unsent.count, Int32(MSG_NOSIGNAL))
        let failure = errno
        if count < 0, failure == EAGAIN || failure == EINTR { return }
        unsafe sockets[token.slot].unsent = UnsafeRawBufferPointer(start: nil, count: 0)
        updateInterest(token)
        // Completes even if short, which shows the client's pace; the reactor submits the rest.
        completeSend(token, .reported, count < 0 ? -Int(failure) : count)
    }

    /// Registers the socket for exactly the events that its operations need now.
    mutating func updateInterest(_ token: Token) {
        let socket = sockets[token.slot]
        let wantsOut = unsafe socket.unsent.count > 0
        watch(
            token, interest: (socket.receiving == nil ? 0 : EPOLLIN.rawValue) | (wantsOut ? EPOLLOUT.rawValue : 0))
    }

    mutating func watch(_ token: Token, interest: UInt32) {
        let socket = sockets[token.slot]
        guard socket.interest != interest else { return }
        sockets[token.slot].interest = interest
        if interest == 0 {
            _ = control(EPOLL_CTL_DEL, socket.descriptor, 0, 0)
        } else {
            let operation = socket.interest == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD
            let failure = control(operation, socket.descriptor, interest, token.packed(.receive))
            if failure != 0, operation == EPOLL_CTL_ADD { endUnwatched(token, failure) }
        }
    }

    /// Fails the operations of a socket that could not be added to the set, and so would never be reported.
    private mutating func endUnwatched(_ token: Token, _ failure: Int32) {
        sockets[token.slot].interest = 0
        if sockets[token.slot].receiving != nil {
            sockets[token.slot].receiving = nil
            known.append(Completion(.receive, token: token, result: -failure, isFinal: true))
        }
        if unsafe sockets[token.slot].unsent.count > 0 {
            unsafe sockets[token.slot].unsent = UnsafeRawBufferPointer(start: nil, count: 0)
            completeSend(token, .reported, -Int(failure))
        }
    }

    private mutating func adopt(_ token: Token, _ descriptor: Int32) {
        while token.slot >= sockets.count { sockets.append(Socket()) }
        guard sockets[token.slot].token != token || sockets[token.slot].descriptor != descriptor else { return }
        sockets[token.slot] = Socket()
        sockets[token.slot].token = token
        sockets[token.slot].descriptor = descriptor
    }

    /// Returns 0, or the errno of the failure. Only adding can fail, for lack of memory or of watches
    /// (`fs.epoll.max_user_watches`).
    private func control(_ operation: Int32, _ descriptor: Int32, _ events: UInt32, _ userData: UInt64) -> Int32 {
        var event = unsafe epoll_event(events: events, data: epoll_data_t(u64: userData))
        return unsafe epoll_ctl(poll, operation, descriptor, &event) == 0 ? 0 : errno
    }
}
