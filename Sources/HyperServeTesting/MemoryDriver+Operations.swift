import Glibc
import Reactor

// What the reactor asks for.
extension MemoryDriver {
    // Connections come without being asked for.
    mutating func startAccepting(_ token: Token, descriptor: Int32, sharesQueue: Bool) {}

    mutating func stopAccepting(_ token: Token) {}

    mutating func startReceiving(_ token: Token, descriptor: Int32) {
        places[descriptor]?.token = token
        places[descriptor]?.isReceiving = true
        ready.append(.receive(descriptor))
    }

    mutating func stopReceiving(_ token: Token) {
        guard let place = places.first(where: { $0.value.token == token && $0.value.isReceiving }) else { return }
        endReceiving(place.key, -ECANCELED)
    }

    mutating func send(_ token: Token, descriptor: Int32, bytes: UnsafeRawBufferPointer, isAwaited: Bool) {
        places[descriptor]?.token = token
        unsafe places[descriptor]?.pendingSend = unsafe bytes
        continueSending(descriptor)
    }

    mutating func sendMore(_ token: Token, descriptor: Int32, bytes: UnsafeRawBufferPointer) {
        unsafe send(token, descriptor: descriptor, bytes: bytes, isAwaited: true)
    }

    /// Hands on as much of the send under way as there is room for; with none it waits for the client to read.
    mutating func continueSending(_ descriptor: Int32) {
        guard let place = places[descriptor], let bytes = unsafe place.pendingSend else { return }
        let count = unsafe place.isShutDown ? nil : place.socket.give(bytes)
        if count == 0 { return }
        unsafe places[descriptor]?.pendingSend = nil
        tell(.send, place.token, count.map { Int32($0) } ?? -EPIPE)
    }

    mutating func shutdown(descriptor: Int32, direction: Int32) {
        places[descriptor]?.socket.finishServer()
        guard direction == Int32(SHUT_RDWR) else { return }
        places[descriptor]?.isShutDown = true
        endReceiving(descriptor, 0)
        continueSending(descriptor)
    }

    func isPeerGone(descriptor: Int32, silenceMilliseconds: Int64) -> Bool {
        places[descriptor]?.socket.isReset ?? false
    }

    // Nothing lies between the server and its client.
    func acknowledgedByteCount(descriptor: Int32) -> Int { 0 }

    mutating func close(_ token: Token, descriptor: Int32) {
        server.forget(descriptor)
        places.removeValue(forKey: descriptor)?.socket.closeServer()
    }

    // The driver looks at it whenever it waits.
    mutating func watchWake(descriptor: Int32) {}

    var ringDescriptor: Int32 { -1 }

    private mutating func endReceiving(_ descriptor: Int32, _ result: Int32) {
        guard let place = places[descriptor], place.isReceiving else { return }
        places[descriptor]?.isReceiving = false
        tell(.receive, place.token, result)
    }
}
