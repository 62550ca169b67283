import Platform
import Synchronization

@testable import Reactor

/// io_uring with queues so small that completions do not fit, and a count of the turns that found it so.
@safe
struct OverflowingDriver: Driver, ~Copyable {
    static var kind: DriverKind { .ioUring }

    private var base: UringDriver
    private let overflows: Counter?

    final class Counter: Sendable {
        let value = Atomic<Int>(0)
    }

    init(counting overflows: Counter) throws(SystemError) {
        var configuration = DriverConfiguration()
        configuration.submissionQueueEntries = 1
        configuration.receiveBufferCount = 4
        configuration.receiveBufferByteCount = 128
        base = try UringDriver(configuration: configuration)
        self.overflows = overflows
    }

    init(configuration: DriverConfiguration) throws(SystemError) {
        base = try UringDriver(configuration: configuration)
        overflows = nil
    }

    mutating func wait() throws(SystemError) {
        try base.wait()
        if base.hasOverflow { overflows?.value.add(1, ordering: .relaxed) }
    }

    mutating func restart() throws(SystemError) { try base.restart() }

    mutating func startAccepting(_ token: Token, descriptor: Int32, sharesQueue: Bool) {
        base.startAccepting(token, descriptor: descriptor, sharesQueue: sharesQueue)
    }

    mutating func acceptOnce(_ token: Token, descriptor: Int32, sharesQueue: Bool) {
        base.acceptOnce(token, descriptor: descriptor, sharesQueue: sharesQueue)
    }

    mutating func stopAccepting(_ token: Token) { base.stopAccepting(token) }

    mutating func startReceiving(_ token: Token, descriptor: Int32) {
        base.startReceiving(token, descriptor: descriptor)
    }

    mutating func receiveOnce(_ token: Token, descriptor: Int32) {
        base.receiveOnce(token, descriptor: descriptor)
    }

    mutating func receiveBulk(_ token: Token, descriptor: Int32) {
        base.receiveBulk(token, descriptor: descriptor)
    }

    mutating func stopReceiving(_ token: Token) { base.stopReceiving(token) }

    mutating func send(_ token: Token, descriptor: Int32, bytes: UnsafeRawBufferPointer, isAwaited: Bool) {
        unsafe base.send(token, descriptor: descriptor, bytes: bytes, isAwaited: isAwaited)
    }

    mutating func awaitSends() { base.awaitSends() }

    mutating func sendMore(_ token: Token, descriptor: Int32, bytes: UnsafeRawBufferPointer) {
        unsafe base.sendMore(token, descriptor: descriptor, bytes: bytes)
    }

    mutating func shutdown(descriptor: Int32, direction: Int32) {
        base.shutdown(descriptor: descriptor, direction: direction)
    }

    mutating func close(_ token: Token, descriptor: Int32) { base.close(token, descriptor: descriptor) }

    mutating func watchWake(descriptor: Int32) { base.watchWake(descriptor: descriptor) }

    var ringDescriptor: Int32 { base.ringDescriptor }

    mutating func setTimer(nanoseconds: Int64) { base.setTimer(nanoseconds: nanoseconds) }

    mutating func nextCompletion() -> Completion? { base.nextCompletion() }

    mutating func release(_ completion: Completion) { base.release(completion) }

    var buffersInUse: Int { base.buffersInUse }
}
