/// Why a step of the parser stops before its end.
enum Halt: Error {
    /// The bytes are used up; the parser's state says where to go on.
    case needsMore
    case rejected(Rejection)
}
