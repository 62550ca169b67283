import Platform
import Reactor

/// The actions of the clients, in order, for the driver.
final class EventQueue: Sendable {
    /// An action of a client.
    enum Event: Sendable {
        case connected(MemorySocket)
        /// The socket with this descriptor has input.
        case input(Int32)
        /// The socket with this descriptor has room for output.
        case room(Int32)
        /// The clock advances by this number of nanoseconds. Everything that is due happens before the continuation is
        /// resumed.
        case timePasses(Int64, CheckedContinuation<Void, Never>)
    }

    private struct State {
        var events: [Event] = []
        var isClosed = false
    }

    private let state = Locked(State())
    private let wake = Locked<(@Sendable () -> Void)?>(nil)

    /// Sets the closure that wakes the driver. Called before the first event.
    func whenPosted(_ wake: @escaping @Sendable () -> Void) {
        self.wake.withLock { $0 = wake }
    }

    /// Appends an event and wakes the driver. Any thread.
    func post(_ event: Event) {
        let isClosed = state.withLock { state in
            if !state.isClosed { state.events.append(event) }
            return state.isClosed
        }
        if isClosed { return Self.drop(event) }
        wake.withLock { $0 }?()
    }

    /// Removes and returns the oldest event, for the driver.
    func next() -> Event? {
        state.withLock { $0.events.isEmpty ? nil : $0.events.removeFirst() }
    }

    /// Closes the queue, because the driver has ended. Its events, and later ones, are dropped.
    func close() {
        let events = state.withLock { state in
            state.isClosed = true
            defer { state.events = [] }
            return state.events
        }
        for event in events { Self.drop(event) }
    }

    private static func drop(_ event: Event) {
        switch event {
        case .connected(let socket): socket.closeServer()
        case .timePasses(_, let continuation): continuation.resume()
        case .input, .room: break
        }
    }
}
