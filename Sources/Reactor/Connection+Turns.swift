import HTTPCore

// Sharing the reactor: what one connection may have done for it before the others get their turn.
extension Connection {
    /// Counts bytes that were received, and notes whether they are too many.
    mutating func countReceived(_ byteCount: Int, _ services: inout ConnectionServices) {
        enterTurn(&services)
        turnByteCount += byteCount
        if turnByteCount >= services.configuration.floodByteCount { floodReceivesLeft = Connection.floodReceives }
    }

    /// Has what has just begun received as a flood, if much is to come or nobody knows how much: a body, or a head that
    /// is longer than a buffer.
    mutating func presumeFlood(_ services: inout ConnectionServices) {
        switch phase {
        case .body(let remaining), .discarding(let remaining), .streaming(let remaining):
            guard remaining >= services.configuration.floodByteCount else { return }
        case .chunkedBody, .discardingChunks, .streamingChunks:
            break
        case .head:
            guard !hasReceivedAll(&services) else { return }
        case .suspended, .closing, .lingering, .closed:
            return
        }
        floodReceivesLeft = Connection.floodReceives
    }

    /// Receives that bring less than a buffer, one behind the other, after which a flood is over. Not the first: while
    /// the connection waits for its turn a client's window closes, and may open by less than that.
    private static let floodReceives = 4

    /// Counts a receive of a flood that ended after one buffer.
    mutating func countFloodReceive(_ services: inout ConnectionServices) {
        guard floodReceivesLeft > 0 else { return }
        floodReceivesLeft = hasReceivedAll(&services) ? floodReceivesLeft - 1 : Connection.floodReceives
    }

    /// Whether the last turn in which something came brought less than a buffer, and so all that there was.
    func hasReceivedAll(_ services: inout ConnectionServices) -> Bool {
        turnByteCount < services.configuration.floodByteCount / 8
    }

    private mutating func enterTurn(_ services: inout ConnectionServices) {
        guard turn != services.turn else { return }
        turn = services.turn
        turnByteCount = 0
        stepCount = 0
    }

    /// Counts a head or a chunk that is about to be read. False when this turn has had enough of them.
    mutating func takeStep(_ services: inout ConnectionServices) -> Bool {
        enterTurn(&services)
        isDeferred = stepCount >= services.configuration.maximumStepsPerTurn
        stepCount += 1
        return !isDeferred
    }

    /// Counts a body that came in pieces and is about to be handled. False when this turn has had enough of them, of
    /// all connections together.
    mutating func takeBodyStep(_ services: inout ConnectionServices) -> Bool {
        if services.bodyTurn != services.turn {
            services.bodyTurn = services.turn
            services.bodyByteCount = 0
        }
        let limit = max(services.configuration.maximumBodyByteCountPerTurn, 1)
        isDeferred = services.bodyByteCount >= limit
        if !isDeferred { services.bodyByteCount += body.count }
        return !isDeferred
    }

    /// Goes on where an earlier turn left off. Returns how many heads and chunks were read.
    mutating func continueDeferred(_ services: inout ConnectionServices) -> Int {
        // Nothing more of one that has ended meanwhile is looked at.
        if phase.isOver { isDeferred = false }
        guard isDeferred else { return 0 }
        enterTurn(&services)
        processInput(&services)
        if peerIsFinished { closeIfNothingComes() }
        return stepCount
    }
}
