// Requests whose handlers don't run inline.
extension Reactor where KernelDriver: ~Copyable {
    /// How often a turn alternates between tasks and their connections before it returns to its sockets.
    private static var roundsPerTurn: Int { 8 }

    /// How long a stopped reactor waits for cancelled tasks, in nanoseconds.
    private static var taskGrace: Int64 { 500_000_000 }

    /// Runs the tasks that are ready, and applies the changes they make to their exchanges.
    mutating func runTasks() {
        let executor = mailbox.executor
        guard !executor.isIdle else { return }
        for _ in 0..<Self.roundsPerTurn {
            executor.runJobs()
            executor.takeMarked { exchangeChanged($0) }
            if executor.isIdle { return }
        }
        // Other events get their turn; this one continues in the next.
        mailbox.wake()
    }

    /// Passes the message of a handler on another thread to its connection.
    mutating func resume(_ message: inout HandlerMessage) {
        guard let connection = unsafe connections.find(message.token) else {
            message.exchange.end(.disconnected)
            return
        }
        unsafe connection.pointee.resumed(&message, &context)
        unsafe performActions(of: connection)
    }

    /// Whether no task is left, or the time to wait for them is over.
    var hasNoTasks: Bool {
        guard mailbox.executor.taskCount > 0, let deadline = stopping.deadline else { return true }
        return now >= deadline + Self.taskGrace
    }

    /// Ends all exchanges when the reactor ends, so that no handler waits for it. After an orderly end there are no
    /// connections.
    mutating func abandonExchanges() {
        context.log.reportLeftOut(isEnd: true)
        // Still open if the reactor failed: clients must be refused, instead of waiting for a reactor that has ended.
        for listener in listeners { listener.close() }
        for slot in 0..<connections.slotCount {
            guard let connection = unsafe connections.occupant(of: slot) else { continue }
            _ = unsafe connection.pointee.cutOff()
            unsafe connection.pointee.endExchanges()
            // The other reactors of the server continue, so the connections of a failed one must not stay counted.
            unsafe uncount(connection)
            // The connection itself is freed after the driver, which may be sending its bytes until then.
            driver.submit(
                unsafe .close(descriptor: connection.pointee.transport.descriptor),
                unsafe connection.pointee.transport.token)
        }
        mailbox.retire()
        guard connections.count > 0 else { return }
        mailbox.counts.publish(
            connections: 0, requests: context.requestCount, connectionSlots: 0, receiveBuffers: 0, deadlines: 0)
    }

    private mutating func exchangeChanged(_ exchange: Exchange) {
        guard let connection = unsafe connections.find(exchange.ticket.token) else { return }
        unsafe connection.pointee.exchangeChanged(exchange, &context)
        unsafe performActions(of: connection)
    }
}
