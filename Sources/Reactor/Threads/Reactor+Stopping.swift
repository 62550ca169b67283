import Glibc
import Platform

/// The schedule of a stopping reactor.
struct Stopping {
    /// When it closes all connections, in nanoseconds; nil until it is asked to stop.
    var deadline: Int64?
    /// When it closes its listeners, in ticks.
    var listenerTick: Int64 = 0
}

// The orderly stop: no new connections, requests under way get their responses, then everything is closed.
extension Reactor where KernelDriver: ~Copyable {
    var isClosingListeners: Bool { stopping.deadline != nil && Clock.tick(now) >= stopping.listenerTick }

    /// Handles what other threads have left in the mailbox.
    mutating func readMailbox() {
        let mailbox = mailbox
        _ = mailbox.messages.takeBatch { resume(&$0) }
        mailbox.executor.takeRemoteJobs()
        for listener in listeners { listener.application.refresh() }
        if let deadline = mailbox.stopDeadline {
            let isFirst = stopping.deadline == nil
            // Each time: it may have been brought forward.
            stopping.deadline = deadline
            if isFirst { beginStopping() }
        }
    }

    private mutating func beginStopping() {
        context.isDraining = true
        // Closing a listener resets the connections in its queue. So new ones are refused first, waiting ones are
        // accepted, and the listener is closed after a tick, also where new ones can't be refused.
        for listener in listeners { listener.refuseNew() }
        stopping.listenerTick = Clock.tick(now) + 2
        // Streams that would go on for long end. Idle connections get the (short) deadline of a stopping server.
        forEachConnection { $0.http1.exchange?.endStream() }
    }

    /// Closes the listeners, and at the deadline the connections. Called in each turn of a stopping reactor.
    mutating func continueStopping() {
        if isClosingListeners {
            for listener in listeners where listener.isOpen && !listener.hasStoppedAccepting {
                listener.hasStoppedAccepting = true
                // No accept is under way while accepting pauses for lack of descriptors.
                if listener.isPaused { listener.close() } else { driver.submit(.cancel(.accept), listener.token) }
            }
        }
        if let deadline = stopping.deadline, now >= deadline {
            var count = 0
            forEachConnection { if $0.cutOff() { count += 1 } }
            guard count > 0 else { return }
            context.log.report(
                .warning, "requests in progress when the time for stopping was over were cut off",
                fields: ["count": "\(count)"])
        }
    }

    /// Changes every connection and performs its actions.
    mutating func forEachConnection(_ change: (inout Connection) -> Void) {
        for slot in 0..<connections.slotCount {
            guard let connection = unsafe connections.occupant(of: slot) else { continue }
            unsafe change(&connection.pointee)
            unsafe performActions(of: connection)
        }
    }
}
