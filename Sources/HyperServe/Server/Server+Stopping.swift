import Platform

// Phases, and the way from serving to stopped.
extension Server {
    /// The phases of a server, in order.
    public enum Phase: Int, Sendable, Comparable, CaseIterable {
        /// Not started yet, or a start failed.
        case created
        /// `onStart` is being called, or the services and the reactors are being started.
        case starting
        /// Ready: requests are served.
        case serving
        /// The server was asked to stop and is not ready any more. Requests are still served as before, until
        /// `drainDelay` has passed and `onStopping` has returned.
        case draining
        /// The listeners are closed, streamed responses are cancelled, and the requests in progress get their
        /// responses.
        case closing
        /// All connections are closed, except those of a reactor that a handler blocks. Blocking handlers and services
        /// may still be running.
        case ending
        /// Everything is closed.
        case stopped

        /// Whether `first` comes before `second`.
        public static func < (first: Phase, second: Phase) -> Bool { first.rawValue < second.rawValue }
    }

    /// The current phase. May change at any moment.
    public var phase: Phase { lifecycle.phase }

    /// Whether the server serves and has not been asked to stop.
    public var isReady: Bool { phase == .serving }

    /// Stops the server, and blocks until everything is closed, also if another thread called this first.
    ///
    /// The server is not ready any more from this call on. It calls `onStopping`, and closes the listeners when
    /// `drainDelay` has passed. Then it lets requests in progress finish: responses that begin meanwhile have
    /// `Connection: close`, and the tasks of streamed responses are cancelled, which see `Task.isCancelled`, but may
    /// still write what is left; see `Response.stream`. After `shutdownTimeout` it closes the remaining connections.
    /// Then it cancels the services and waits for them. `drainDelay` and `shutdownTimeout` limit all of this together.
    ///
    /// A part of the server can't wait for the server's end, so this returns at once on one of the server's own
    /// threads, such as a handler's, and in the task of an async handler, a service or a hook and those that it
    /// creates, also while that is in an actor. The handler's response is sent, and the server then stops. It also
    /// returns at once in all other code that the server calls while it starts, serves or stops, such as the log's.
    /// Code that is reached in another way, such as `Task.detached` or a dispatch queue, is not recognized: if a
    /// handler waits for it, the two wait for each other until `shutdownTimeout` is over.
    ///
    /// After this, a server that was never started can't be: `start()` throws `stopped`, and `run()` returns at once.
    ///
    /// A blocking handler that is still running after `shutdownTimeout` can't be interrupted: it runs on, and its
    /// response is dropped. So does an inline or async handler that, against the rules, blocks its reactor: this
    /// returns 2 seconds later, and the log reports that the reactor is left alone. Its listener and connections stay
    /// open until the handler returns, or the process ends.
    public func stop() {
        guard !isCalledByPart else { return closing.begin() }
        if let group = lifecycle.requestStop() {
            closing.run(group)
        } else {
            lifecycle.wait(for: .stopped)
        }
    }

    /// Stops the server as the blocking form does, but suspends the task until everything is closed. Cancelling the
    /// task does not end the wait, which `drainDelay` and `shutdownTimeout` limit.
    public func stop() async {
        closing.begin()
        if !isCalledByPart { await lifecycle.waitUntilStopped() }
    }

    /// Whether the caller is a part of the server, which the server waits for when it stops.
    private var isCalledByPart: Bool {
        ThreadOwner.isCurrent(lifecycle) || ServerTask.lifecycle === lifecycle
    }
}
