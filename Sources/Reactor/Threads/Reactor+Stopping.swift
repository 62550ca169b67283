import Glibc
import Platform

// The orderly end: no new connections, what is in flight is answered, then everything is closed.
extension Reactor where KernelDriver: ~Copyable {
    var isClosingListeners: Bool { stopDeadline != nil && Clock.tick(now) >= listenerDeadline }

    /// Another thread has left something.
    mutating func readMailbox() {
        let mailbox = mailbox
        _ = mailbox.answers.takeBatch { resume(&$0) }
        mailbox.executor.takeRemoteJobs()
        for listener in listeners { listener.application.refresh() }
        if stopDeadline == nil, let deadline = mailbox.stopDeadline { beginStopping(deadline: deadline) }
    }

    private mutating func beginStopping(deadline: Int64) {
        stopDeadline = deadline
        context.isDraining = true
        // Closing a listener resets connections that wait in it. So refuse new ones first, take in those that are
        // there, and close it a tick later. Where they can't be refused, the tick must do.
        for listener in listeners { listener.refuseNew() }
        listenerDeadline = Clock.tick(now) + 2
        // Those at rest get the (short) deadline of a stopping server.
        forEachConnection { _ in }
    }

    /// Each turn of a stopping reactor.
    mutating func continueStopping() {
        if isClosingListeners {
            for listener in listeners where listener.isOpen && !listener.hasStoppedAccepting {
                listener.hasStoppedAccepting = true
                // Nothing to stop while accepting pauses for want of descriptors.
                if listener.isPaused { listener.close() } else { driver.stopAccepting(listener.token) }
            }
        }
        if let stopDeadline, now >= stopDeadline {
            forEachConnection { $0.fail() }
        }
    }

    /// Changes every connection, and does what it then asks for.
    mutating func forEachConnection(_ change: (inout Connection) -> Void) {
        for slot in 0..<connections.slotCount {
            guard let connection = unsafe connections.occupant(of: slot) else { continue }
            unsafe change(&connection.pointee)
            unsafe settle(connection)
        }
    }
}
