// Sends and receives that are not submitted to the driver at once, and quiet sends.
extension Reactor where KernelDriver: ~Copyable {
    /// Submits the bulk operations of a turn. Returns whether some are left for the next one.
    mutating func submitBulk() -> Bool {
        guard !bulk.isEmpty else { return false }
        bulk.beginTurn()
        while let entry = bulk.take() {
            switch entry.operation {
            case .receive:
                bulk.spend(Operation.largeReceiveByteCount)
                driver.submit(.receive(descriptor: entry.descriptor, .onceLarge), entry.token)
            case .send(let bytes):
                let acknowledged = driver.acknowledgedByteCount(descriptor: entry.descriptor)
                let portion = unsafe BulkQueue.Entry.portion(of: bytes, acknowledged: acknowledged)
                bulk.spend(portion.count)
                driver.submit(unsafe .send(descriptor: entry.descriptor, bytes: portion, .reported), entry.token)
            }
        }
        return !bulk.isEmpty
    }

    /// Determines at the beginning of a turn which quiet sends are done.
    mutating func checkQuietSends() {
        guard driver.hasReportedSends else { return submitBarrier() }
        var index = 0
        while let (kind, token) = driver.completionAhead(index) {
            if kind == .quietSend { quietSends.remove(token) }
            index += 1
        }
        quietSends.complete()
        completeQuietSends()
    }

    /// Passes the quiet sends that are done to their connections.
    mutating func completeQuietSends() {
        while let (token, byteCount) = quietSends.next() { sent(token, byteCount) }
    }

    /// Submits a barrier, whose completion shows that the quiet sends so far are done, even if no other event occurs.
    mutating func submitBarrier() {
        if let token = quietSends.beginBarrier() { driver.submit(.barrier, token) }
    }
}
