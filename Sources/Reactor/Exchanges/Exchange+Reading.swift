import HTTPCore
import Platform

// Reading the request's body.
extension Exchange {
    /// Returns the next bytes of the body, as many as have arrived; waits for some. Nil at the end. For tasks.
    ///
    /// - Throws: `StreamError` when the rest won't arrive, when another reader waits, when the end was read or the body
    ///   is read for another use, and after the response has ended; `CancellationError` when the task is cancelled
    ///   while it waits, unless it writes a stream of a server that closes: what is being transferred may be finished.
    package nonisolated(nonsending) final func nextChunk(for use: BodyUse) async throws -> [UInt8]? {
        try checkConnection()
        guard isOnReactor() else {
            // The state is the reactor's, also after a wait.
            return try await resume(on: ticket.mailbox.actor) { try await nextChunk(for: use) }
        }
        try checkResponse()
        try beginReading(for: use)
        defer { endReading() }
        if !body.isWanted {
            body.isWanted = true
            ticket.mailbox.executor.mark(self)
        }
        while bodyBytes.isEmpty, !body.isComplete {
            if isEndingStream { await waitForBodyUncancelled() } else { await waitForBody() }
            try checkConnection()
            assert(ticket.mailbox.executor.isCurrent, "a reader that waited continues on another thread")
            if bodyBytes.isEmpty, !body.isComplete, !isEndingStream { try Task.checkCancellation() }
        }
        guard !bodyBytes.isEmpty else {
            isEndRead = true
            return nil
        }
        defer {
            bodyBytes = ByteBuffer()
            // There is room again.
            ticket.mailbox.executor.mark(self)
        }
        return unsafe [UInt8](bodyBytes.unsafeBytes)
    }

    /// Whether the task was cancelled as the writer of a stream; see `endStream`.
    private var isEndingStream: Bool { response.isStream && isServerClosing }

    private func waitForBody(isolation: isolated (any Actor)? = #isolation) async {
        await withTaskCancellationHandler {
            // Without it, the closure would not have the caller's isolation, and would run on another thread.
            _ = isolation
            await waitForBodyUncancelled()
        } onCancel: {
            cancelWaits()
        }
    }

    private nonisolated(nonsending) func waitForBodyUncancelled() async {
        body.waiter = .task(ticket.mailbox.executor.reserveWaitingPlace())
        await ticket.mailbox.executor.wait()
    }

    /// Returns the next bytes of the body, as many as have arrived; blocks until there are some. Nil at the end. For
    /// threads, one at a time.
    ///
    /// - Throws: `StreamError` when the rest won't arrive, `.wouldBlock` if the handler is a task on the reactor,
    ///   `.usedConcurrently` when another reader waits, and `.alreadyRead` when the end was read or the body is read
    ///   for another use.
    package final func waitForChunk(for use: BodyUse) throws(StreamError) -> [UInt8]? {
        guard let bodySignal = signals?.body else { throw .wouldBlock }
        try beginReading(for: use)
        defer { endReading() }
        if bodySignal.isComplete {
            isEndRead = true
            return nil
        }
        try checkConnection()
        send(OutputQueue(), .wantsBody)
        try checkConnection()
        bodySignal.wait()
        try checkConnection()
        let chunk = unsafe [UInt8](bodySignal.bytes.unsafeBytes)
        bodySignal.bytes = ByteBuffer()
        isEndRead = chunk.isEmpty
        return chunk.isEmpty ? nil : chunk
    }

    /// Calls `read` with the trailer section as it was sent, once the end of the body was read; with nothing before.
    /// Any thread.
    package final func withTrailers<Result>(_ read: (RawSpan) throws -> Result) rethrows -> Result {
        isEndRead ? try trailers.withBytes(read) : try read(RawSpan())
    }

    /// Ends the waits of a task that was cancelled. Any thread.
    private func cancelWaits() {
        send(OutputQueue(), .cancelsWaits)
    }
}

// MARK: - The reactor's side

extension Exchange {
    /// Resumes the reader that waits for the body, if there are bytes for it or the body has ended.
    final func deliverBody() {
        guard let waiter = body.waiter, !bodyBytes.isEmpty || body.isComplete else { return }
        // A task takes the bytes from where they are, also a task of a handler that may block.
        if case .thread = waiter, let bodySignal = signals?.body {
            swap(&bodySignal.bytes, &bodyBytes)
            bodySignal.isComplete = body.isComplete && bodySignal.bytes.isEmpty
        }
        wake(body.waiter.take(), signals?.body)
    }
}
