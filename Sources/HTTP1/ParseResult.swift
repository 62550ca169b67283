/// What a parser made of the bytes it has seen so far.
public enum ParseResult: Sendable, Equatable {
    /// The head is there and valid.
    case complete
    /// All bytes seen are valid, and more must come.
    case needsMore
    /// No bytes that may follow can make this a request to serve. Answer with the status and close.
    case rejected(Rejection)
}
