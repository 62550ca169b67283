/// Changes a streamed body before it is framed, as a content coding does (RFC 9110 section 8.4.1). One writer has it.
protocol BodyCoding: AnyObject {
    /// Takes bytes of the body, and calls `emit` with all that they become: none is kept back for those that follow.
    func encode(_ bytes: RawSpan, emit: (RawSpan) -> Void)

    /// Calls `emit` with what ends the body.
    func finish(emit: (RawSpan) -> Void)
}
