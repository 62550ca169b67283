import Platform

@testable import Reactor

/// A driver whose kernel is a `FaultyNetwork`.
@safe
struct FaultyDriver: Driver, ~Copyable {
    static var kind: DriverKind { .ioUring }

    let network: FaultyNetwork

    init(_ network: FaultyNetwork) { self.network = network }

    mutating func submit(_ operation: Operation, _ token: Token) {
        switch operation {
        case .accept: network.startAccepting()
        case .receive(let descriptor, let mode):
            network.startReceiving(token, descriptor, mode)
        case .send(let descriptor, let bytes, let mode):
            unsafe network.send(token, descriptor, bytes, isQuiet: mode == .quiet)
        case .cancel(.accept): network.stopAccepting()
        case .cancel: network.stopReceiving(token)
        case .shutdown(let descriptor, let direction): network.shutdown(descriptor, direction)
        case .close(let descriptor): network.close(descriptor)
        case .wake(let descriptor): network.watchWake(descriptor)
        case .timer(let nanoseconds): network.setTimer(nanoseconds)
        case .barrier: network.barriers.append(token)
        }
    }

    // A receive reports every way in which its clients leave.
    func isPeerGone(descriptor: Int32, silenceMilliseconds: Int64) -> Bool { false }

    func acknowledgedByteCount(descriptor: Int32) -> Int { 0 }

    func unreadByteCount(descriptor: Int32) -> Int { network.unreadByteCount }

    var ringDescriptor: Int32 { -1 }

    mutating func wait(blocks: Bool) throws(SystemError) { try network.wait(blocks: blocks) }

    mutating func restart() throws(SystemError) { network.restart() }

    mutating func nextCompletion() -> Completion? { network.nextCompletion() }

    var hasReportedSends: Bool { !network.hasQuietSend }

    func completionAhead(_ index: Int) -> (kind: Operation.Kind, token: Token)? {
        network.completionAhead(index)
    }

    mutating func release(_ completion: Completion) { network.release(completion) }

    var buffersInUse: Int { network.buffersInUse }
}
