import HTTPCore

/// A message from a handler on another thread to its connection's reactor, with what the handler has written.
struct HandlerMessage: ~Copyable {
    let token: Token
    var output: OutputQueue
    let step: Step
    let exchange: Exchange

    /// What the handler has done.
    enum Step {
        /// It has finished: the output ends the response.
        case finished(Responded)
        /// It failed in the middle of its response.
        case aborted
        /// More of the response follows.
        case output
        /// More of the response follows, and the handler waits until there is room for it.
        case outputAwaited
        /// It waits for the body.
        case wantsBody
        /// Its task was cancelled, and no longer waits for the body.
        case cancelsWaits
    }

    init(token: Token, output: consuming OutputQueue, step: Step, exchange: Exchange) {
        self.token = token
        self.output = output
        self.step = step
        self.exchange = exchange
    }
}
