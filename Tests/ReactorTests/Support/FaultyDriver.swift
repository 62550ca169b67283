import Platform

@testable import Reactor

/// A driver whose kernel is a `FaultyNetwork`.
@safe
struct FaultyDriver: Driver, ~Copyable {
    static var kind: DriverKind { .ioUring }

    let network: FaultyNetwork

    init(_ network: FaultyNetwork) { self.network = network }

    mutating func startAccepting(_ token: Token, descriptor: Int32, sharesQueue: Bool) { network.startAccepting() }

    mutating func stopAccepting(_ token: Token) { network.stopAccepting() }

    mutating func startReceiving(_ token: Token, descriptor: Int32) { network.startReceiving(token, descriptor) }

    mutating func stopReceiving(_ token: Token) { network.stopReceiving(token) }

    mutating func send(_ token: Token, descriptor: Int32, bytes: UnsafeRawBufferPointer, isAwaited: Bool) {
        unsafe network.send(token, descriptor, bytes)
    }

    mutating func sendMore(_ token: Token, descriptor: Int32, bytes: UnsafeRawBufferPointer) {
        unsafe network.send(token, descriptor, bytes)
    }

    mutating func shutdown(descriptor: Int32, direction: Int32) { network.shutdown(descriptor, direction) }

    // Its clients leave in ways that a receive reports.
    func isPeerGone(descriptor: Int32, silenceMilliseconds: Int64) -> Bool { false }

    func acknowledgedByteCount(descriptor: Int32) -> Int { 0 }

    mutating func close(_ token: Token, descriptor: Int32) { network.close(descriptor) }

    mutating func watchWake(descriptor: Int32) { network.watchWake(descriptor) }

    var ringDescriptor: Int32 { -1 }

    mutating func setTimer(nanoseconds: Int64) { network.setTimer(nanoseconds) }

    mutating func wait() throws(SystemError) { try network.wait() }

    mutating func restart() throws(SystemError) { network.restart() }

    mutating func nextCompletion() -> Completion? { network.nextCompletion() }

    mutating func release(_ completion: Completion) { network.release(completion) }

    var buffersInUse: Int { network.buffersInUse }
}
