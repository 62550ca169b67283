import HTTPCore

// Sends and receives that are not submitted to the driver at once, and quiet sends.
extension Reactor where KernelDriver: ~Copyable {
    /// Submits the bulk operations of a turn. Returns whether some are left for the next one.
    mutating func submitBulk() -> Bool {
        guard !bulk.isEmpty else { return false }
        bulk.beginTurn()
        while let entry = bulk.take() {
            // The connection may have ended since, and its descriptor may be another one's.
            guard let connection = unsafe connections.find(entry.token) else { continue }
            switch entry.direction {
            case .receive: unsafe receiveBulk(connection)
            case .send: unsafe sendBulk(connection)
            }
        }
        return !bulk.isEmpty
    }

    /// Submits a receive whose turn it is. Only the bytes that it brings count: a client that sends little, or has sent
    /// FIN, must not hold up the others and its own end.
    private mutating func receiveBulk(_ connection: UnsafeMutablePointer<Connection>) {
        guard unsafe connection.pointee.beginQueuedReceive(&context) else { return }
        let (token, descriptor) = unsafe (connection.pointee.transport.token, connection.pointee.transport.descriptor)
        let unread = driver.unreadByteCount(descriptor: descriptor)
        // Of several floods, one that pauses gets a small buffer: any number of them may continue in the same turn.
        let isSmall = unread == 0 ? !bulk.isEmpty : unread <= Operation.smallReceiveByteCount
        if !isSmall { bulk.spend(min(unread, Operation.largeReceiveByteCount)) }
        driver.submit(.receive(descriptor: descriptor, isSmall ? .once : .onceLarge), token)
    }

    private mutating func sendBulk(_ connection: UnsafeMutablePointer<Connection>) {
        guard unsafe connection.pointee.transport.beginQueuedSend() else { return }
        let (token, descriptor) = unsafe (connection.pointee.transport.token, connection.pointee.transport.descriptor)
        let acknowledged = driver.acknowledgedByteCount(descriptor: descriptor)
        // The connection keeps the bytes in place until the completion, as for every send.
        let portion = unsafe BulkQueue.Entry.portion(
            of: connection.pointee.transport.unacknowledged.unsafeBytes, acknowledged: acknowledged)
        bulk.spend(portion.count)
        driver.submit(unsafe .send(descriptor: descriptor, bytes: portion, .reported), token)
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
