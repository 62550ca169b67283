// Requests whose handlers run elsewhere.
extension Reactor where KernelDriver: ~Copyable {
    /// How often one turn looks after tasks and connections in alternation before it looks after its sockets again.
    private static var roundsPerTurn: Int { 8 }

    /// How long a stopped reactor waits for tasks that were cancelled, in nanoseconds.
    private static var taskGrace: Int64 { 500_000_000 }

    /// Runs the tasks that can go on, and does for their connections what they ask for.
    mutating func runTasks() {
        let executor = mailbox.executor
        guard !executor.isIdle else { return }
        for _ in 0..<Self.roundsPerTurn {
            _ = executor.runJobs()
            executor.takeMarked { exchangeChanged($0) }
            if executor.isIdle { return }
        }
        // Others' turn; come back at once.
        mailbox.wake()
    }

    /// A handler elsewhere has a message for its connection.
    mutating func resume(_ answer: inout HandlerMessage) {
        guard let connection = unsafe connections.find(answer.token) else {
            answer.exchange.end(.disconnected)
            return
        }
        unsafe connection.pointee.resumed(&answer, &context)
        unsafe performActions(of: connection)
    }

    /// Whether no task is left, or none that is still waited for.
    var hasNoTasks: Bool {
        guard mailbox.executor.taskCount > 0, let deadline = stopping.deadline else { return true }
        return now >= deadline + Self.taskGrace
    }

    /// The end, orderly or not: nobody is left waiting for this reactor. After an orderly one there are no connections.
    mutating func abandonExchanges() {
        context.log.reportSuppressed()
        // Those of a reactor that failed: its clients are refused, instead of waiting for one that serves nobody.
        for listener in listeners { listener.close() }
        for slot in 0..<connections.slotCount {
            guard let connection = unsafe connections.occupant(of: slot) else { continue }
            unsafe connection.pointee.fail()
            unsafe connection.pointee.endExchanges()
            // A reactor that failed still has connections, and the others of the server go on.
            unsafe uncount(connection)
            // The connection itself goes after the driver, which may be sending its bytes until then.
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
