import Platform
import Reactor
import Synchronization

/// What time it is for a server: the system's clocks say, or a test does.
package enum ServerClock: Sendable {
    /// The system's clocks.
    case system
    /// A clock that stands still until it is moved.
    case manual(ManualClock)

    /// Nanoseconds since some moment, which never go back. Any thread.
    package var nanoseconds: Int64 {
        switch self {
        case .system: Clock.nanoseconds()
        case .manual(let clock): clock.nanoseconds
        }
    }

    /// Seconds since 1970-01-01 00:00:00 UTC. Any thread.
    package var unixSeconds: Int {
        switch self {
        case .system: Clock.unixSeconds()
        case .manual(let clock): clock.unixSeconds
        }
    }
}

/// A clock that stands still until it is moved, and begins at the time at which it is made.
package final class ManualClock: Sendable {
    private let startUnixSeconds = Clock.unixSeconds()
    private let elapsed = Atomic<Int64>(0)

    /// Begins.
    package init() {}

    /// Nanoseconds that have passed. Setting it publishes nothing else.
    package var nanoseconds: Int64 {
        get { elapsed.load(ordering: .relaxed) }
        set { elapsed.store(newValue, ordering: .relaxed) }
    }

    /// Seconds since 1970-01-01 00:00:00 UTC.
    package var unixSeconds: Int { startUnixSeconds + Int(nanoseconds / 1_000_000_000) }
}
