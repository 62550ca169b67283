import Glibc
import Reactor

// The operations of the reactor.
extension MemoryDriver {
    mutating func submit(_ operation: Operation, _ token: Token) {
        switch operation {
        // Connections arrive without an operation, and the driver checks the wake event whenever it waits.
        case .accept, .wake, .cancel(.accept): break
        case .receive(let descriptor, _): startReceiving(token, descriptor)
        case .send(let descriptor, let bytes, let mode):
            sockets[descriptor]?.token = token
            unsafe sockets[descriptor]?.pendingSend = unsafe bytes
            sockets[descriptor]?.isQuiet = mode == .quiet
            continueSending(descriptor)
        case .cancel: stopReceiving(token)
        case .shutdown(let descriptor, let direction): shutdown(descriptor, direction)
        case .close(let descriptor):
            server.forget(descriptor)
            sockets.removeValue(forKey: descriptor)?.socket.closeServer()
        case .timer(let nanoseconds): setTimer(nanoseconds)
        case .barrier: complete(.barrier, token, 0)
        }
    }

    private mutating func startReceiving(_ token: Token, _ descriptor: Int32) {
        sockets[descriptor]?.token = token
        sockets[descriptor]?.isReceiving = true
        ready.append(.receive(descriptor))
    }

    private mutating func stopReceiving(_ token: Token) {
        guard let socket = sockets.first(where: { $0.value.token == token && $0.value.isReceiving }) else { return }
        endReceiving(socket.key, -ECANCELED)
    }

    /// Passes as much of the pending send to the client as fits. If nothing fits, it waits until the client reads.
    mutating func continueSending(_ descriptor: Int32) {
        guard let state = sockets[descriptor], let bytes = unsafe state.pendingSend else { return }
        let count = unsafe state.isShutDown ? nil : state.socket.give(bytes)
        if count == 0, !state.isQuiet { return }
        unsafe sockets[descriptor]?.pendingSend = nil
        // A quiet send has no completion if all of it was taken.
        if state.isQuiet, count == bytes.count { return }
        complete(state.isQuiet ? .quietSend : .send, state.token, count.map { Int32($0) } ?? -EPIPE)
    }

    private mutating func shutdown(_ descriptor: Int32, _ direction: Int32) {
        sockets[descriptor]?.socket.finishServer()
        guard direction == Int32(SHUT_RDWR) else { return }
        sockets[descriptor]?.isShutDown = true
        endReceiving(descriptor, 0)
        continueSending(descriptor)
    }

    func isPeerGone(descriptor: Int32, silenceMilliseconds: Int64) -> Bool {
        sockets[descriptor]?.socket.isReset ?? false
    }

    // There is no network between the server and its client.
    func acknowledgedByteCount(descriptor: Int32) -> Int { 0 }

    // A receive takes all that the client has sent, at no cost.
    func unreadByteCount(descriptor: Int32) -> Int { 0 }

    var ringDescriptor: Int32 { -1 }

    private mutating func endReceiving(_ descriptor: Int32, _ result: Int32) {
        guard let state = sockets[descriptor], state.isReceiving else { return }
        sockets[descriptor]?.isReceiving = false
        complete(.receive, state.token, result)
    }
}
