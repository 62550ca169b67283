/// What one connection has had of the reactor's turns, so that the others get theirs.
struct TurnShare {
    /// The turn in which something was received or read last, how many bytes, and how many heads or chunks.
    private var turn: UInt32 = 0
    private var byteCount = 0
    private(set) var stepCount = 0
    /// More came in a turn than one connection may have; over after this many receives that bring little.
    private var floodReceivesLeft = 0
    /// There is input that could be worked on, but others come first.
    var isDeferred = false
    /// The reactor has the connection on its list of those.
    var isListed = false

    /// Receives that bring less than a buffer, one after the other, after which a flood is over. Not the first: while
    /// the connection waits for its turn a client's window closes, and may open by less than that.
    private static let floodReceives = 4

    /// Whether the connection has to leave time for the others.
    var isFlooding: Bool { floodReceivesLeft > 0 }

    /// Counts bytes that were received, and notes whether they are too many.
    mutating func countReceived(_ byteCount: Int, _ context: inout ReactorContext) {
        enter(context.turn)
        self.byteCount += byteCount
        if self.byteCount >= context.configuration.turns.floodByteCount { floodReceivesLeft = TurnShare.floodReceives }
    }

    /// Has what follows received as a flood.
    mutating func presumeFlood() { floodReceivesLeft = TurnShare.floodReceives }

    /// Counts a receive of a flood that ended after one buffer.
    mutating func countFloodReceive(_ context: inout ReactorContext) {
        guard floodReceivesLeft > 0 else { return }
        floodReceivesLeft = hasReceivedAll(&context) ? floodReceivesLeft - 1 : TurnShare.floodReceives
    }

    /// Whether the last turn in which something came brought less than a buffer, and so all that there was.
    func hasReceivedAll(_ context: inout ReactorContext) -> Bool {
        byteCount < context.configuration.turns.floodByteCount / 8
    }

    /// Begins a turn, unless it is the same as before.
    mutating func enter(_ turn: UInt32) {
        guard self.turn != turn else { return }
        self.turn = turn
        byteCount = 0
        stepCount = 0
    }

    /// Counts a head or a chunk that is about to be read. False when this turn has had enough of them.
    mutating func takeStep(_ context: inout ReactorContext) -> Bool {
        enter(context.turn)
        isDeferred = stepCount >= context.configuration.turns.maximumStepsPerTurn
        stepCount += 1
        return !isDeferred
    }
}
