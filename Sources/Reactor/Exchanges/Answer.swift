import HTTPCore

/// A message of a handler elsewhere to the reactor whose connection waits for it, with what the handler wrote.
struct Answer: ~Copyable {
    let token: Token
    var output: OutputQueue
    let step: Step
    let exchange: Exchange

    /// What the handler has done.
    enum Step {
        /// It is done; what is in the output is the answer's end.
        case finished(keepsAlive: Bool)
        /// It gave up in the middle of its answer.
        case aborted
        /// More of the answer follows.
        case output
        /// The same, and it waits until there is room for more.
        case outputAwaited
        /// It waits for the body.
        case wantsBody
        /// Its task was cancelled, and waits no more.
        case cancelsWaits
    }

    init(token: Token, output: consuming OutputQueue, step: Step, exchange: Exchange) {
        self.token = token
        self.output = output
        self.step = step
        self.exchange = exchange
    }
}
