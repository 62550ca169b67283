/// Sends of which a driver reports only failures. All others are done when the driver has reported the failures up to
/// them: in the next turn with another event, or when a barrier after them completes.
struct QuietSends {
    private struct Send {
        let token: Token
        let byteCount: Int32
    }

    private var sends: [Send] = []
    /// The number of done sends that `next` has returned.
    private var takenCount = 0
    private var doneCount = 0
    /// The number of sends before the barrier, if one is under way. Its token distinguishes it from earlier ones.
    private var countBeforeBarrier: Int?
    private var barrierNumber: UInt32 = 0

    var isEmpty: Bool { sends.isEmpty }

    mutating func append(_ token: Token, byteCount: Int) {
        sends.append(Send(token: token, byteCount: Int32(truncatingIfNeeded: byteCount)))
    }

    /// Removes a send that failed or was short, and has a completion of its own.
    mutating func remove(_ token: Token) {
        // A connection has one send at a time, so its token names the send.
        guard let failed = sends.firstIndex(where: { $0.token == token }) else { return }
        sends.remove(at: failed)
        if let count = countBeforeBarrier, failed < count { countBeforeBarrier = count - 1 }
    }

    /// Marks all remaining sends as done: every failure was reported.
    mutating func complete() {
        doneCount = sends.count
        countBeforeBarrier = nil
    }

    /// Returns the token of a barrier to submit; nil if one is under way, or no send needs one.
    mutating func beginBarrier() -> Token? {
        guard countBeforeBarrier == nil, sends.count > doneCount else { return nil }
        barrierNumber &+= 1
        countBeforeBarrier = sends.count
        return Token(slot: 0, generation: barrierNumber)
    }

    /// Marks the sends before a completed barrier as done.
    mutating func endBarrier(_ token: Token) {
        guard let count = countBeforeBarrier, token == Token(slot: 0, generation: barrierNumber) else { return }
        doneCount = count
        countBeforeBarrier = nil
    }

    /// Returns the next send that is done. Each is returned once.
    mutating func next() -> (token: Token, byteCount: Int)? {
        guard takenCount < doneCount else { return nil }
        let send = sends[takenCount]
        takenCount += 1
        if takenCount == doneCount {
            sends.removeFirst(doneCount)
            if let count = countBeforeBarrier { countBeforeBarrier = count - doneCount }
            takenCount = 0
            doneCount = 0
        }
        return (send.token, Int(send.byteCount))
    }

    mutating func removeAll() { self = QuietSends(barrierNumber: barrierNumber) }

    init(barrierNumber: UInt32 = 0) { self.barrierNumber = barrierNumber }
}
