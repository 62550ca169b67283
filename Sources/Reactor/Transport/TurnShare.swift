/// One connection's use of the reactor's turns, which is limited so that all connections get their share.
struct TurnShare {
    /// The last turn in which the connection received or parsed something, and how many bytes, and how many heads or
    /// chunks, that were.
    private var turn: UInt32 = 0
    private var byteCount = 0
    private(set) var stepCount = 0
    /// The number of small receives in a row after which a flood is over; 0 without a flood. A flood begins when a
    /// connection receives more in one turn than its share.
    private var floodReceivesLeft = 0
    /// Whether the connection has input to process, but has used up its share of the turn.
    var isDeferred = false
    /// Whether the connection is in the reactor's list of deferred connections.
    var isListed = false

    /// The number of receives in a row, each of less than a buffer, that end a flood. One is not enough: while the
    /// connection waits for its turn the client's window closes, and may reopen by less than a buffer.
    private static let floodReceives = 4

    /// Whether the connection is a flood, which receives after all others.
    var isFlooding: Bool { floodReceivesLeft > 0 }

    /// Counts received bytes. Too many of them in one turn begin a flood.
    mutating func countReceived(_ byteCount: Int, _ context: inout ReactorContext) {
        enter(context.turn)
        self.byteCount += byteCount
        if self.byteCount >= context.configuration.turns.floodByteCount { floodReceivesLeft = TurnShare.floodReceives }
    }

    /// Treats the following receives as a flood.
    mutating func presumeFlood() { floodReceivesLeft = TurnShare.floodReceives }

    /// Counts a receive of a flood that ended after one buffer.
    mutating func countFloodReceive(_ context: inout ReactorContext) {
        guard floodReceivesLeft > 0 else { return }
        floodReceivesLeft = hasReceivedAll(&context) ? floodReceivesLeft - 1 : TurnShare.floodReceives
    }

    /// Whether the last turn that received something received less than a buffer, and therefore all there was.
    func hasReceivedAll(_ context: inout ReactorContext) -> Bool {
        byteCount < context.configuration.turns.floodByteCount / 8
    }

    /// Begins a turn, unless it has begun already.
    mutating func enter(_ turn: UInt32) {
        guard self.turn != turn else { return }
        self.turn = turn
        byteCount = 0
        stepCount = 0
    }

    /// Counts a head or a chunk that is about to be read. Returns false, and defers the connection, when its share of
    /// this turn is used up.
    mutating func takeStep(_ context: inout ReactorContext) -> Bool {
        enter(context.turn)
        isDeferred = stepCount >= context.configuration.turns.maximumStepsPerTurn
        stepCount += 1
        return !isDeferred
    }
}
