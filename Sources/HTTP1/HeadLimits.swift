/// How much of a request head is read before the request is refused.
///
/// Each limit also holds while the head is still incomplete, so a client cannot make the server buffer more.
public struct HeadLimits: Sendable, Equatable {
    /// Bytes of the whole head: leading empty lines, request line, fields and final empty line. 431 beyond, or 414
    /// when the request target is not over by then.
    public var maximumHeadByteCount = 16 * 1024
    /// Field lines. 431 beyond.
    public var maximumFieldCount = 100
    /// Bytes of the request target. 414 beyond.
    public var maximumTargetByteCount = 8 * 1024
    /// Whether the value of Host may be empty, as RFC 9112 section 3.2 has it for targets without an authority. 400
    /// otherwise: an `http` URI always has a host.
    public var allowsEmptyHost = false

    public init() {}
}
