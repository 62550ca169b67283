import CPlatform
import Glibc
import Platform

// What a reactor can ask of the kernel, on epoll.
extension EpollDriver {
    mutating func startAccepting(_ token: Token, descriptor: Int32, sharesQueue: Bool) {
        while token.slot >= listeners.count { listeners.append(ListeningSocket()) }
        // Of several reactors that wait for one socket, the kernel wakes only one.
        let events = EPOLLIN.rawValue | (sharesQueue ? EPOLLEXCLUSIVE.rawValue : 0)
        let failure = control(EPOLL_CTL_ADD, descriptor, events, token.packed(.accept))
        guard failure == 0 else {
            return complete(Completion(.accept, token: token, result: -failure, isFinal: true))
        }
        listeners[token.slot] = ListeningSocket(token: token, descriptor: descriptor, sharesQueue: sharesQueue)
    }

    mutating func stopAccepting(_ token: Token) {
        guard token.slot < listeners.count, listeners[token.slot].token == token,
            listeners[token.slot].descriptor >= 0
        else { return }
        unwatchListener(token)
        complete(Completion(.accept, token: token, result: -ECANCELED, isFinal: true))
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
        startAccepting(token, descriptor: listener.descriptor, sharesQueue: true)
    }

    mutating func startReceiving(_ token: Token, descriptor: Int32) {
        adopt(token, descriptor)
        sockets[token.slot].receiving = .always
        updateInterest(token)
    }

    mutating func receiveOnce(_ token: Token, descriptor: Int32) {
        adopt(token, descriptor)
        sockets[token.slot].receiving = .once
        updateInterest(token)
    }

    mutating func receiveBulk(_ token: Token, descriptor: Int32) {
        adopt(token, descriptor)
        sockets[token.slot].receiving = .inTurn
        updateInterest(token)
        bulk.receive(token, descriptor: descriptor)
    }

    mutating func stopReceiving(_ token: Token) {
        guard sockets[token.slot].receiving != .nothing else { return }
        sockets[token.slot].receiving = .nothing
        updateInterest(token)
        complete(Completion(.receive, token: token, result: -ECANCELED, isFinal: true))
    }

    mutating func send(_ token: Token, descriptor: Int32, bytes: UnsafeRawBufferPointer, isAwaited: Bool) {
        adopt(token, descriptor)
        guard bytes.count < BulkQueue.largeSendByteCount else {
            return unsafe bulk.send(token, descriptor: descriptor, bytes: bytes)
        }
        unsafe sockets[token.slot].unsent = unsafe bytes
        continueSending(token, isAwaited: isAwaited)
    }

    mutating func sendMore(_ token: Token, descriptor: Int32, bytes: UnsafeRawBufferPointer) {
        adopt(token, descriptor)
        let count = unsafe Glibc.send(
            descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL) | Int32(MSG_MORE))
        let failure = errno
        let isFull = count < 0 && (failure == EAGAIN || failure == EINTR)
        let result = count >= 0 ? Int32(clamping: count) : isFull ? 0 : -failure
        complete(Completion(.send, token: token, result: result, isFinal: true))
    }

    mutating func awaitSends() {
        // What is not known waits for its socket, which wakes the reactor by itself.
        isKnownAwaited = !known.isEmpty
    }

    mutating func shutdown(descriptor: Int32, direction: Int32) {
        _ = Glibc.shutdown(descriptor, direction)
    }

    mutating func close(_ token: Token, descriptor: Int32) {
        if token.slot < sockets.count, sockets[token.slot].token == token {
            watch(token, interest: 0)
            sockets[token.slot] = Socket()
        }
        _ = Glibc.close(descriptor)
    }

    mutating func watchWake(descriptor: Int32) {
        wakeDescriptor = descriptor
        // `wait` tries, and reports what fails.
        isWakeMissing = true
    }

    mutating func addWake() throws(SystemError) {
        let failure = control(EPOLL_CTL_ADD, wakeDescriptor, EPOLLIN.rawValue, Token.none.packed(.wake))
        guard failure == 0 else { throw SystemError("epoll_ctl", code: failure) }
        isWakeMissing = false
    }

    var ringDescriptor: Int32 { -1 }

    mutating func setTimer(nanoseconds: Int64) {
        timerDeadline = Clock.nanoseconds() + nanoseconds
    }

    /// Sends what is left; when the socket is full, waits for it to become writable.
    mutating func continueSending(_ token: Token, isAwaited: Bool) {
        let socket = sockets[token.slot]
        guard unsafe socket.unsent.count > 0 else { return }
        // The reactor keeps these bytes in place until the completion.
        let count = unsafe Glibc.send(
            socket.descriptor, socket.unsent.baseAddress, socket.unsent.count, Int32(MSG_NOSIGNAL))
        let failure = errno
        if count < 0, failure == EAGAIN || failure == EINTR { return updateInterest(token) }
        // Also when short, so that the client's pace can be seen; the rest is sent when it is asked for.
        let result = count < 0 ? -Int(failure) : count
        unsafe sockets[token.slot].unsent = UnsafeRawBufferPointer(start: nil, count: 0)
        updateInterest(token)
        let isWhole = unsafe result == socket.unsent.count
        let completion = Completion(.send, token: token, result: Int32(clamping: result), isFinal: true)
        complete(completion, isAwaited: isAwaited || !isWhole)
    }

    /// Reports `completion` in this turn if it goes on, else in the next, which comes at once if it `isAwaited`.
    private mutating func complete(_ completion: Completion, isAwaited: Bool = true) {
        known.append(completion)
        isKnownAwaited = isKnownAwaited || isAwaited
    }

    /// Makes the epoll set ask for just what is wanted of this socket now.
    mutating func updateInterest(_ token: Token) {
        let socket = sockets[token.slot]
        let wantsOut = unsafe socket.unsent.count > 0
        watch(
            token, interest: (socket.receiving.isWatching ? EPOLLIN.rawValue : 0) | (wantsOut ? EPOLLOUT.rawValue : 0))
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

    /// A socket that the set has no room for would never be heard of again: what was wanted of it fails.
    private mutating func endUnwatched(_ token: Token, _ failure: Int32) {
        sockets[token.slot].interest = 0
        if sockets[token.slot].receiving.isWatching {
            sockets[token.slot].receiving = .nothing
            complete(Completion(.receive, token: token, result: -failure, isFinal: true))
        }
        if unsafe sockets[token.slot].unsent.count > 0 {
            unsafe sockets[token.slot].unsent = UnsafeRawBufferPointer(start: nil, count: 0)
            complete(Completion(.send, token: token, result: -failure, isFinal: true))
        }
    }

    private mutating func adopt(_ token: Token, _ descriptor: Int32) {
        while token.slot >= sockets.count { sockets.append(Socket()) }
        guard sockets[token.slot].token != token || sockets[token.slot].descriptor != descriptor else { return }
        sockets[token.slot] = Socket()
        sockets[token.slot].token = token
        sockets[token.slot].descriptor = descriptor
    }

    /// Returns 0, or the errno of the failure. Only adding can fail, for want of memory or of watches
    /// (`fs.epoll.max_user_watches`).
    private func control(_ operation: Int32, _ descriptor: Int32, _ events: UInt32, _ userData: UInt64) -> Int32 {
        var event = unsafe epoll_event(events: events, data: epoll_data_t(u64: userData))
        return unsafe epoll_ctl(poll, operation, descriptor, &event) == 0 ? 0 : errno
    }
}
