import Platform
import Reactor

/// A connection in memory: a bounded queue of bytes in each direction, like a socket's.
///
/// Tasks use the client's end, and wait for bytes and for room; the driver uses the server's end, and never waits.
final class MemorySocket: Sendable {
    /// Maximum number of bytes in one direction that were not received yet.
    static let capacity = 64 * 1024

    /// The number by which the reactor identifies the connection. No real descriptor has it.
    let descriptor: Int32
    private let events: EventQueue
    private let state = Locked(State())

    private struct State {
        /// The bytes of each `send` of the client that the server has not received.
        var toServer: [[UInt8]] = []
        var toServerByteCount = 0
        /// How the client ended its direction.
        var clientEnd = Received.nothing
        var toClient: [UInt8] = []
        /// The server sends no more bytes.
        var isServerFinished = false
        /// The server receives no more bytes.
        var isServerClosed = false
        /// The tasks that wait for bytes, and for room.
        var reader: CheckedContinuation<Void, Never>?
        var writer: CheckedContinuation<Void, Never>?

        var hasRoom: Bool { toServerByteCount < MemorySocket.capacity }
    }

    /// The result of a receive of the server.
    enum Received {
        case nothing
        case bytes([UInt8])
        /// The client has sent its last byte.
        case end
        /// The client has disconnected.
        case reset
    }

    init(descriptor: Int32, events: EventQueue) {
        self.descriptor = descriptor
        self.events = events
    }

    /// Whether the server has sent its last byte.
    var isServerFinished: Bool { state.withLock { $0.isServerFinished } }
}

// MARK: - The client's end

extension MemorySocket {
    /// Sends bytes, which the server receives in one piece. Waits while too many were not received yet.
    func send(_ bytes: [UInt8]) async throws {
        while true {
            let isTaken = try state.withLock { state in
                if state.isServerClosed { throw TestError.connectionClosed }
                guard state.hasRoom else { return false }
                state.toServer.append(bytes)
                state.toServerByteCount += bytes.count
                return true
            }
            if isTaken { return events.post(.input(descriptor)) }
            try await wait(\.writer) { $0.isServerClosed || $0.hasRoom }
        }
    }

    /// Ends the client's direction, or the whole connection.
    func end(_ end: Received) {
        state.withLock { $0.clientEnd = end }
        events.post(.input(descriptor))
    }

    /// Returns the bytes that have arrived, or waits for the next ones. Empty at the end.
    func receive() async throws -> [UInt8] {
        while true {
            let (bytes, isFinished) = state.withLock { state in
                defer { state.toClient = [] }
                return (state.toClient, state.isServerFinished)
            }
            if !bytes.isEmpty { events.post(.room(descriptor)) }
            if !bytes.isEmpty || isFinished { return bytes }
            try await wait(\.reader) { !$0.toClient.isEmpty || $0.isServerFinished }
        }
    }

    /// Waits until the server has changed the state, unless `isOver` is true already.
    private func wait(
        _ waiter: any WritableKeyPath<State, CheckedContinuation<Void, Never>?> & Sendable,
        unless isOver: @Sendable (State) -> Bool
    ) async throws {
        try Task.checkCancellation()
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let mustWait = state.withLock { state in
                    precondition(state[keyPath: waiter] == nil, "one task at a time sends, and one receives")
                    // Checked again, since another thread may have changed the state since the caller checked.
                    if Task.isCancelled || isOver(state) { return false }
                    state[keyPath: waiter] = continuation
                    return true
                }
                if !mustWait { continuation.resume() }
            }
        } onCancel: {
            wake(waiter) { _ in }
        }
    }

    private func wake(
        _ waiter: any WritableKeyPath<State, CheckedContinuation<Void, Never>?> & Sendable,
        _ change: (inout State) -> Void
    ) {
        state.withLock { state in
            change(&state)
            return state[keyPath: waiter].take()
        }?.resume()
    }
}

// MARK: - The server's end

extension MemorySocket {
    /// Receives at most `maximum` bytes of one `send` of the client.
    func take(_ maximum: Int) -> Received {
        var received = Received.nothing
        wake(\.writer) { state in
            guard let piece = state.toServer.first else {
                received = state.clientEnd
                return
            }
            let part = Array(piece.prefix(maximum))
            if part.count == piece.count {
                state.toServer.removeFirst()
            } else {
                state.toServer[0].removeFirst(part.count)
            }
            state.toServerByteCount -= part.count
            received = .bytes(part)
        }
        return received
    }

    /// Passes as many bytes to the client as there is room for. Returns their number, or nil if it has disconnected.
    func give(_ bytes: UnsafeRawBufferPointer) -> Int? {
        var count: Int? = 0
        wake(\.reader) { state in
            if case .reset = state.clientEnd {
                count = nil
                return
            }
            let taken = min(bytes.count, Self.capacity - state.toClient.count)
            // Copied while the caller keeps the bytes valid.
            unsafe state.toClient += bytes[..<taken]
            count = taken
        }
        return count
    }

    /// Whether the client has disconnected.
    var isReset: Bool {
        state.withLock { state in
            if case .reset = state.clientEnd { true } else { false }
        }
    }

    /// Ends the server's direction.
    func finishServer() {
        wake(\.reader) { $0.isServerFinished = true }
    }

    /// Ends both directions.
    func closeServer() {
        finishServer()
        wake(\.writer) { $0.isServerClosed = true }
    }
}
