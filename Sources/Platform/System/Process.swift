import CPlatform
import Glibc

/// The events in this process that threads wait for: phases of servers, and signals that end the process.
package enum ProcessEvents {
    /// Makes every waiting thread check its condition again. May be called by a signal handler.
    package static func announce() { hs_events_announce() }

    /// Blocks until the condition holds. Checks it again after each event.
    package static func wait(until isOver: () -> Bool) {
        wait(deadline: { nil }, until: isOver)
    }

    /// Blocks until the condition holds, or the deadline has passed; nil means none. Both are checked again after each
    /// event.
    package static func wait(deadline: () -> ContinuousClock.Instant?, until isOver: () -> Bool) {
        while true {
            // Before the check, so that an event after it ends the wait.
            let seen = hs_events_seen()
            if isOver() { return }
            guard let deadline = deadline() else {
                hs_events_wait(seen, -1)
                continue
            }
            let left = ContinuousClock.now.duration(to: deadline).nanoseconds
            guard left > 0 else { return }
            hs_events_wait(seen, left)
        }
    }
}

extension ProcessEvents {
    /// Calls `body` when the process exits: at the end of its main function, or by `exit`.
    package static func atExit(_ body: @convention(c) () -> Void) {
        // If there is no room for it, the process ends without.
        _ = atexit(body)
    }
}

/// Turns SIGINT and SIGTERM into events, instead of ending the process, while a value of this type exists. The last
/// one restores the disposition of both signals.
package struct EndingSignals: ~Copyable {
    /// Counts the signals since this was created.
    package let counter: Counter

    /// Counts signals that have become events.
    package struct Counter: Sendable {
        fileprivate let countBefore: UInt32

        /// The number of signals so far.
        package var count: UInt32 { hs_signals_seen() &- countBefore }
    }

    /// Must not be called in signal handlers.
    package init() { counter = Counter(countBefore: hs_signals_begin()) }

    deinit { hs_signals_end() }
}

/// The descriptors 0, 1 and 2.
package enum StandardDescriptors {
    /// Opens /dev/null for each of them that is closed, or, without /dev, a descriptor that can't be written to. A
    /// program that writes to its standard streams would otherwise write to the socket or file that got the number.
    package static func fill() {
        for standard in STDIN_FILENO...STDERR_FILENO where fcntl(standard, F_GETFD) < 0 {
            // `open` returns the lowest free number, which is this one. Child processes inherit it like a regular one.
            // Without /dev it is an epoll set, which can neither be read nor written.
            var opened = unsafe open("/dev/null", O_RDWR)
            if opened < 0 { opened = epoll_create1(0) }
            // Another thread may have opened it first.
            if opened >= 0 && opened != standard { _ = close(opened) }
        }
    }
}

/// Freed memory that the C library keeps.
package enum FreedMemory {
    /// Returns its pages to the system, on a thread of its own, since it takes milliseconds.
    package static func giveBack() {
        // Without a thread, the pages stay until the next call.
        _ = try? Thread(named: "hs-memory") { hs_memory_trim() }
    }
}
