package import HTTPCore
import Platform
import Synchronization

// Writing the response.
extension Exchange {
    /// Appends bytes of the response and sends them; waits while more than the high-water mark is unsent. For tasks.
    /// Calls `append` on the reactor's thread.
    ///
    /// Cancelling the task does not end the wait: the client ends it, or is disconnected for being too slow.
    ///
    /// - Throws: `StreamError.disconnected` when the client is gone, `.usedConcurrently` when another task waits here,
    ///   `.ended` after the end of the response.
    package nonisolated(nonsending) final func write(_ append: (inout ByteBuffer) throws -> Void) async throws {
        try checkConnection()
        guard isOnReactor() else {
            return try await resume(on: ticket.mailbox.actor) { try await write(append) }
        }
        // Bytes after the end would be the beginning of the next response.
        try checkResponse()
        try append(&output.last)
        ticket.mailbox.executor.mark(self)
        if !hasRoom { try await waitForRoom() }
    }

    private var hasRoom: Bool { response.unsentByteCount + output.byteCount <= ticket.mailbox.outputHighWaterByteCount }

    private nonisolated(nonsending) func waitForRoom() async throws {
        while !hasRoom {
            guard response.roomWaiter == nil else { throw StreamError.usedConcurrently }
            response.roomWaiter = .task(ticket.mailbox.executor.reserveWaitingPlace())
            await ticket.mailbox.executor.wait()
            try checkConnection()
            assert(ticket.mailbox.executor.isCurrent, "a writer that waited continues on another thread")
        }
    }

    /// Sends what was appended to `output` when the task next suspends. For tasks, on the reactor's thread.
    package final func flush() { ticket.mailbox.executor.mark(self) }

    /// Whether the server has begun to close: streams should come to their end. Any thread.
    package final var isServerClosing: Bool { ticket.mailbox.stopDeadline != nil }

    /// Whether an error of a stream's closure is how a stream of events ends because the server closes: its client gets
    /// the end of the body. The client of any other stream would take a part for the whole. For the handler.
    package final func endsStream(_ error: any Error) -> Bool {
        isServerClosing && isEventStream && !isOver && error is CancellationError
    }

    /// Records that the task writes the rest of the response as a stream, so that it is cancelled when the server
    /// begins to close, or now if it has begun. For tasks, on the reactor's thread.
    package final func beginStream() {
        response.isStream = true
        if isServerClosing { endStream() }
    }

    /// Completes the response; a task calls nothing after it. On the reactor's thread, or after its end.
    package final func finish(_ responded: Responded) { end(.finished(responded)) }

    /// Gives up a response that will never be complete; a task calls nothing after it. On the reactor's thread, or
    /// after its end.
    package final func abort() { end(.aborted) }

    /// Throws if the handler has given the end of its response. For what is isolated to the reactor's actor.
    final func checkResponse() throws(StreamError) {
        if response.ending != nil { throw .ended }
    }

    private func end(_ ending: Ending) {
        ticket.mailbox.executor.taskEnded()
        guard !isOver else { return }
        response.ending = ending
        ticket.mailbox.executor.mark(self)
    }

    /// Sends bytes of the response; blocks while more than the high-water mark is unsent. For threads.
    ///
    /// - Throws: `StreamError.disconnected` when the client is gone, `.wouldBlock` if the handler is a task.
    package final func send(_ bytes: consuming OutputQueue) throws(StreamError) {
        guard let roomSignal = signals?.room else { throw .wouldBlock }
        try checkConnection()
        roomSignal.writtenByteCount += bytes.byteCount
        guard roomSignal.writtenByteCount > ticket.mailbox.outputHighWaterByteCount else { return send(bytes, .output) }
        roomSignal.writtenByteCount = 0
        send(bytes, .outputAwaited)
        try checkConnection()
        roomSignal.wait()
        try checkConnection()
    }

    /// Sends the last bytes of the response; a thread calls nothing after it.
    package final func finish(_ bytes: consuming OutputQueue, _ responded: Responded) {
        send(bytes, .finished(responded))
    }

    /// Sends bytes of a response that will never be complete; a thread calls nothing after it.
    package final func abort(_ bytes: consuming OutputQueue) { send(bytes, .aborted) }

    /// Sends a message to the reactor.
    // The caller retains the exchange, and with it the mailbox, also once the reactor has read the message: a thread by
    // its job, and a cancellation handler by its closure, for which the task waits before it ends.
    final func send(_ bytes: consuming OutputQueue, _ step: HandlerMessage.Step) {
        ticket.mailbox.deliver(HandlerMessage(token: ticket.token, output: bytes, step: step, exchange: self))
        // Pairs with the fence in the mailbox's `retire`: either that sees this message, or this sees the end.
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        guard ticket.mailbox.isRetired else { return }
        endWithReactor()
        ticket.mailbox.dropMessages()
    }
}

// MARK: - The reactor's side

extension Exchange {
    /// Cancels the task of a stream, because the server begins to close. Unlike after `end`, the client still receives
    /// what the task writes, and the task still what the client sends.
    final func endStream() {
        if response.isStream { task?.cancel() }
    }

    /// Resumes a handler that waits for room, once no more than half of the high-water mark is unsent.
    final func grantRoom(unsent: Int) {
        response.unsentByteCount = unsent
        guard response.roomWaiter != nil, unsent + output.byteCount <= ticket.mailbox.outputHighWaterByteCount / 2
        else {
            return
        }
        wake(response.roomWaiter.take(), signals?.room)
    }
}
