import Platform
import Reactor
import Synchronization

/// The clock of a server's middlewares and handlers: the system's, or one that a test controls.
package enum ServerClock: Sendable {
    /// The system's clocks.
    case system
    /// A clock that advances only when it is set.
    case manual(ManualClock)

    /// Monotonic time in nanoseconds. Any thread.
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

/// A clock that advances only when it is set. It starts at the time of its creation.
package final class ManualClock: Sendable {
    private let startUnixSeconds = Clock.unixSeconds()
    private let elapsed = Atomic<Int64>(0)

    /// Creates a clock.
    package init() {}

    /// Nanoseconds since the creation. Relaxed: setting it publishes nothing else.
    package var nanoseconds: Int64 {
        get { elapsed.load(ordering: .relaxed) }
        set { elapsed.store(newValue, ordering: .relaxed) }
    }

    /// Seconds since 1970-01-01 00:00:00 UTC.
    package var unixSeconds: Int { startUnixSeconds + Int(nanoseconds / 1_000_000_000) }
}
