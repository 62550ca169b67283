import Platform
import Reactor

/// What the clients have done, in the order in which they did it, on its way to the driver.
final class EventQueue: Sendable {
    /// Something that a client did.
    enum Event: Sendable {
        case connected(MemorySocket)
        /// The socket with this descriptor has something to receive.
        case input(Int32)
        /// It has room for more to send.
        case room(Int32)
        /// Time passes, in nanoseconds; what is due in it happens before the continuation goes on.
        case timePasses(Int64, CheckedContinuation<Void, Never>)
    }

    private struct State {
        var events: [Event] = []
        var isClosed = false
    }

    private let state = Locked(State())
    private let wake = Locked<(@Sendable () -> Void)?>(nil)

    /// Sets what wakes the driver. Before the first event.
    func whenPosted(_ wake: @escaping @Sendable () -> Void) {
        self.wake.withLock { $0 = wake }
    }

    /// Any thread.
    func post(_ event: Event) {
        let isClosed = state.withLock { state in
            if !state.isClosed { state.events.append(event) }
            return state.isClosed
        }
        if isClosed { return Self.drop(event) }
        wake.withLock { $0 }?()
    }

    /// The oldest event; for the driver.
    func next() -> Event? {
        state.withLock { $0.events.isEmpty ? nil : $0.events.removeFirst() }
    }

    /// The driver is gone: nothing happens any more.
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
