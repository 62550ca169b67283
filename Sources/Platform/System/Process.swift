import CPlatform
import Glibc

/// Events in this process for which threads wait: phases of servers, and signals that end the process.
package enum ProcessEvents {
    /// Lets every thread that waits look again. May be called by a signal handler.
    package static func announce() { hs_events_announce() }

    /// Blocks until the condition holds. Looks again after each event.
    package static func wait(until isOver: () -> Bool) {
        while true {
            // Before the look: an event that comes after it ends the wait.
            let seen = hs_events_seen()
            if isOver() { return }
            hs_events_wait(seen)
        }
    }
}

/// Makes SIGINT and SIGTERM events, instead of ending the process, as long as there is a value of this type. The last
/// one gives both signals back the disposition that they had.
package struct EndingSignals: ~Copyable {
    /// How many there had been before.
    private let countBefore: UInt32

    /// Not in signal handlers.
    package init() { countBefore = hs_signals_begin() }

    deinit { hs_signals_end() }

    /// Whether there has been a signal since this was created.
    package var haveArrived: Bool { hs_signals_seen() != countBefore }
}

/// The descriptors 0, 1 and 2.
package enum StandardDescriptors {
    /// Opens /dev/null, or what else nothing can be written to, for each of them that is closed. A program that writes
    /// to its standard streams would otherwise write into the socket or file that got the number.
    package static func fill() {
        for standard in STDIN_FILENO...STDERR_FILENO where fcntl(standard, F_GETFD) < 0 {
            // The lowest free number, which is this one. Programs that this one starts inherit it, as they would the
            // real one. Without /dev, an epoll set: neither can it be read from or written to.
            var opened = unsafe open("/dev/null", O_RDWR)
            if opened < 0 { opened = epoll_create1(0) }
            // Another thread may have been faster.
            if opened >= 0 && opened != standard { _ = close(opened) }
        }
    }
}

/// Memory that was freed and that the C library keeps.
package enum FreedMemory {
    /// Returns its pages to the system: milliseconds of work, on a thread that ends with it.
    package static func giveBack() {
        // Without a thread the pages stay until the next time.
        _ = try? Thread(named: "hs-memory") { hs_memory_trim() }
    }
}
