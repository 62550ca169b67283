import HTTPCore

// The body on its way to the handler.
extension Exchange {
    /// The next bytes of the body, as many as are there; waits for some. Nil at the end. For tasks.
    ///
    /// - Throws: `StreamError` when the rest won't come, and when somebody else is reading; `CancellationError` when
    ///   the task is cancelled while it waits.
    public nonisolated(nonsending) final func nextChunk() async throws -> [UInt8]? {
        try checkConnection()
        guard ticket.mailbox.executor.isCurrent else {
            // A task that was started elsewhere: the state is the reactor's.
            return try await withTaskExecutorPreference(ticket.mailbox.executor) { try await nextChunkHere() }
        }
        try beginReading()
        defer { endReading() }
        if !isBodyWanted {
            isBodyWanted = true
            ticket.mailbox.executor.note(self)
        }
        while body.isEmpty, !isBodyComplete {
            await withTaskCancellationHandler {
                unsafe await withUnsafeContinuation { bodyWaiter = unsafe .task($0) }
            } onCancel: {
                cancelWaits()
            }
            try checkConnection()
            if body.isEmpty, !isBodyComplete { try Task.checkCancellation() }
        }
        guard !body.isEmpty else {
            isEndRead = true
            return nil
        }
        defer {
            body = ByteBuffer()
            // There is room again.
            ticket.mailbox.executor.note(self)
        }
        return unsafe [UInt8](body.unsafeBytes)
    }

    /// Begins on the executor that the task prefers, whatever its caller is isolated to.
    @concurrent
    private func nextChunkHere() async throws -> [UInt8]? { try await nextChunk() }

    /// The next bytes of the body, as many as are there; blocks until there are some. Nil at the end. For threads, one
    /// at a time.
    ///
    /// - Throws: `StreamError` when the rest won't come, `.wouldBlock` if the handler is a task on the reactor, and
    ///   `.usedConcurrently` when somebody else is reading.
    public final func waitForChunk() throws(StreamError) -> [UInt8]? {
        guard let bodySignal else { throw .wouldBlock }
        try beginReading()
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

    /// Calls `body` with the trailer lines, as they were sent, once a read has come to the end of the body; with
    /// nothing before. For the reader, where it reads.
    public final func withTrailers<Result>(_ body: (RawSpan) throws -> Result) rethrows -> Result {
        isEndRead ? try trailers.withBytes(body) : try body(RawSpan())
    }

    /// Ends the waits of a task that was cancelled. Any thread.
    private func cancelWaits() {
        send(OutputQueue(), .cancelsWaits)
    }
}

// MARK: - The reactor's side

extension Exchange {
    /// Hands over what there is of the body, if somebody waits for it.
    final func deliverBody() {
        guard let bodyWaiter, !body.isEmpty || isBodyComplete else { return }
        // A task takes the bytes from where they are, also a task of a handler that may block.
        if case .thread = bodyWaiter, let bodySignal {
            swap(&bodySignal.bytes, &body)
            bodySignal.isComplete = isBodyComplete && bodySignal.bytes.isEmpty
        }
        wake(self.bodyWaiter.take(), bodySignal)
    }
}
