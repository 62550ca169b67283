import HTTPCore

// What a transport is to do next.
extension Transport {
    /// Longer sends may not fit into the socket at once, so they are awaited from the start.
    private static let maximumQuietByteCount = 16 * 1024

    /// The next thing to do, or nil when the connection waits for an event. Each action is returned once and considered
    /// started.
    mutating func nextAction(_ demand: Demand, _ context: inout ReactorContext) -> Action? {
        if sending == .quiet, !isOpen {
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
        // FIN travels with the response: one packet, and the peer need not close first.
        if isSmall && isFinishing || !output.isEmpty { return .sendMore }
        // At rest after this response: its buffer can be given back whenever the connection is next looked at.
        let isLast = isOpen && demand.isAtRest && input.isEmpty && !isPeerFinished
        guard isLast, isSmall else { return .send(isAwaited: true) }
        sending = .quiet
        return .send(isAwaited: false)
    }

    private mutating func nextClosingAction() -> Action? {
        guard isReceiving || isSending else { return .close }
        guard phase == .closed(isShutDown: false) else { return nil }
        phase = .closed(isShutDown: true)
        return .shutdown
    }

    /// Back-pressure: a connection that does not get on is not received from, and TCP slows its peer down.
    private mutating func nextReceivingAction(
        _ demand: Demand, _ context: inout ReactorContext
    ) -> Action? {
        let isFull = demand.isFull || input.count >= context.configuration.buffers.inputHighWaterByteCount
        switch receiving {
        case .active(let once):
            guard isFull || share.isFlooding && !once else { return nil }
            receiving = .stopping(once: once)
            return .stopReceiving
        case .paused:
            guard !isFull, !needsNoMore(&context) else { return nil }
            // What is dropped in any case can wait for the others.
            let isBulk = share.isFlooding || phase == .lingering
            // Many connections have one request: a receive that is over by then need not be ended.
            receiving = .active(once: isBulk || demand.isFresh)
            return isBulk ? .receiveBulk : demand.isFresh ? .receiveOnce : .startReceiving
        case .stopping, .ended:
            return nil
        }
    }

    /// Whether nothing has to be read for the peer to get its response: the last one is on its way, the peer asked for
    /// the end, and has sent nothing after its request.
    private func needsNoMore(_ context: inout ReactorContext) -> Bool {
        phase == .finishing(lingers: false) && share.hasReceivedAll(&context)
    }
}
