// Sharing the reactor: what one connection may have done for it before the others get their turn.
extension Connection {
    /// Counts a head or a chunk that is about to be read. False when this turn has had enough of them.
    mutating func takeStep(_ services: inout ConnectionServices) -> Bool {
        if turn != services.turn {
            turn = services.turn
            stepCount = 0
        }
        isDeferred = stepCount >= services.configuration.maximumStepsPerTurn
        stepCount += 1
        return !isDeferred
    }

    /// Goes on where the last turn left off.
    mutating func continueDeferred(_ services: inout ConnectionServices) {
        guard isDeferred, !phase.isOver else { return }
        processInput(&services)
        if peerIsFinished { closeIfNothingComes() }
    }
}
