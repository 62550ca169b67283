import Glibc
import Platform

/// When a reactor that was asked to stop ends what is left.
struct Stopping {
    /// When it closes all connections, in nanoseconds; nil until it is asked to stop.
    var deadline: Int64?
    /// When it closes its listeners, in ticks.
    var listenerTick: Int64 = 0
}

// The orderly end: no new connections, what is in flight is answered, then everything is closed.
extension Reactor where KernelDriver: ~Copyable {
    var isClosingListeners: Bool { stopping.deadline != nil && Clock.tick(now) >= stopping.listenerTick }

    /// Another thread has left something.
    mutating func readMailbox() {
        let mailbox = mailbox
        _ = mailbox.answers.takeBatch { resume(&$0) }
        mailbox.executor.takeRemoteJobs()
        for listener in listeners { listener.application.refresh() }
        if stopping.deadline == nil, let deadline = mailbox.stopDeadline { beginStopping(deadline: deadline) }
    }

    private mutating func beginStopping(deadline: Int64) {
        stopping.deadline = deadline
        context.isDraining = true
        // Closing a listener resets connections that wait in it. So refuse new ones first, take in those that are
        // there, and close it a tick later. Where they can't be refused, the tick must do.
        for listener in listeners { listener.refuseNew() }
        stopping.listenerTick = Clock.tick(now) + 2
        // Those at rest get the (short) deadline of a stopping server.
        forEachConnection { _ in }
    }

    /// Each turn of a stopping reactor.
    mutating func continueStopping() {
        if isClosingListeners {
            for listener in listeners where listener.isOpen && !listener.hasStoppedAccepting {
                listener.hasStoppedAccepting = true
                // Nothing to stop while accepting pauses for want of descriptors.
                if listener.isPaused { listener.close() } else { driver.submit(.cancel(.accept), listener.token) }
            }
        }
        if let deadline = stopping.deadline, now >= deadline {
            forEachConnection { $0.fail() }
        }
    }

    /// Changes every connection, and does what it then asks for.
    mutating func forEachConnection(_ change: (inout Connection) -> Void) {
        for slot in 0..<connections.slotCount {
            guard let connection = unsafe connections.occupant(of: slot) else { continue }
            unsafe change(&connection.pointee)
            unsafe performActions(of: connection)
        }
    }
}
