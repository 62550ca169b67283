import HTTPCore

// The actions of a transport.
extension Transport {
    /// The longest quiet send. Longer ones may not fit into the socket's buffer at once, so they are awaited.
    private static let maximumQuietByteCount = 16 * 1024

    /// Returns the next action, or nil when the connection waits for an event. Each action is returned once and is
    /// considered started.
    mutating func nextAction(_ demand: Demand, _ context: inout ReactorContext) -> Action? {
        if sending == .quiet, !isOpen || !output.isEmpty {
            sending = .active
            return .awaitSend
        }
        if isClosed { return nextClosingAction() }
        if !isSending, !output.isEmpty { return beginSending(demand) }
        if case .finishing(let lingers) = phase, !isSending {
            if lingers, !isPeerFinished {
                phase = .lingering
                droppedByteCount = 0
                return .shutdownWriting
            }
            fail()
            return nextClosingAction()
        }
        return nextReceivingAction(demand, &context)
    }

    private mutating func beginSending(_ demand: Demand) -> Action {
        output.takeFirst(into: &unacknowledged)
        sending = .active
        let isSmall = unacknowledged.count <= Transport.maximumQuietByteCount
        // FIN is sent in the same packet as the response, and the peer need not close first.
        if isSmall && isFinishing || !output.isEmpty { return .sendMore }
        // At rest after this response: its buffer can be returned at the connection's next event.
        let isLast = isOpen && demand.isAtRest && input.isEmpty && !isPeerFinished
        guard isLast, isSmall else { return .send(isAwaited: true) }
        sending = .quiet
        return .send(isAwaited: false)
    }

    private mutating func nextClosingAction() -> Action? {
        // Operations that are still queued are never submitted.
        guard isReceiving || isSending && sending != .queued else { return .close }
        guard phase == .closed(isShutDown: false) else { return nil }
        phase = .closed(isShutDown: true)
        return .shutdown
    }

    /// Returns the next action for receiving. Applies back-pressure: while a connection's input is full, nothing is
    /// received, and TCP slows its peer down.
    private mutating func nextReceivingAction(
        _ demand: Demand, _ context: inout ReactorContext
    ) -> Action? {
        let isFull = isFull(demand, &context)
        switch receiving {
        case .active(let once):
            guard isFull || share.isFlooding && !once else { return nil }
            receiving = .stopping(once: once)
            return .stopReceiving
        case .paused:
            guard !isFull, !needsNoMore(&context) else { return nil }
            // A lingering connection drops few bytes before it ends, and waits for FIN, which only a receive notices.
            if phase == .lingering { return beginReceivingOnce() }
            if share.isFlooding {
                receiving = .queued
                return .receiveBulk
            }
            // Many connections have one request: a receive that ends by itself needs no cancellation.
            if demand.isFresh { return beginReceivingOnce() }
            receiving = .active(once: false)
            return .startReceiving
        case .queued:
            return phase == .lingering ? beginReceivingOnce() : nil
        case .stopping, .ended:
            return nil
        }
    }

    private mutating func beginReceivingOnce() -> Action {
        receiving = .active(once: true)
        return .receiveOnce
    }

    private func isFull(_ demand: Demand, _ context: inout ReactorContext) -> Bool {
        demand.isFull || input.count >= context.configuration.buffers.inputHighWaterByteCount
    }

    /// Whether the last response reaches the peer without further receives: the peer asked to close the connection and
    /// has sent nothing after its request.
    private func needsNoMore(_ context: inout ReactorContext) -> Bool {
        phase == .finishing(lingers: false) && share.hasReceivedAll(&context)
    }
}

// MARK: - Bulk operations

extension Transport {
    /// Makes the send that has just begun wait for its turn.
    mutating func queueSend() { sending = .queued }

    /// Begins the queued receive, whose turn it is. Returns false if it is not wanted any more.
    mutating func beginQueuedReceive(_ demand: Demand, _ context: inout ReactorContext) -> Bool {
        guard receiving == .queued, !isClosed else { return false }
        // With a full input, the next event that makes room queues another one.
        let isFull = isFull(demand, &context)
        receiving = isFull ? .paused : .active(once: true)
        return !isFull
    }

    /// Begins the queued send, whose turn it is. Returns false if the connection has ended.
    mutating func beginQueuedSend() -> Bool {
        guard sending == .queued, !isClosed else { return false }
        sending = .active
        return true
    }
}
