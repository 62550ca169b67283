import Platform
import Synchronization

@testable import Reactor

/// io_uring with queues too small for the completions, and a count of the turns in which they overflowed.
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

    mutating func submit(_ operation: Operation, _ token: Token) { base.submit(operation, token) }

    mutating func wait(blocks: Bool) throws(SystemError) {
        try base.wait(blocks: blocks)
        if base.hasOverflow { overflows?.value.add(1, ordering: .relaxed) }
    }

    mutating func restart() throws(SystemError) { try base.restart() }

    var hasReportedSends: Bool { base.hasReportedSends }

    func completionAhead(_ index: Int) -> (kind: Operation.Kind, token: Token)? { base.completionAhead(index) }

    var ringDescriptor: Int32 { base.ringDescriptor }

    mutating func nextCompletion() -> Completion? { base.nextCompletion() }

    mutating func release(_ completion: Completion) { base.release(completion) }

    var buffersInUse: Int { base.buffersInUse }
}
