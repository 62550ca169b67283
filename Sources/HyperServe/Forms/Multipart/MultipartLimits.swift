/// Limits of a `multipart/form-data` body, none of which may be negative. A form beyond a limit gets 413, which names
/// the limit.
public struct MultipartLimits: Sendable {
    /// Maximum number of parts.
    public var maximumPartCount = 1000
    /// Maximum size of the header section of one part, in bytes, with its empty line.
    public var maximumHeaderByteCount = 8 * 1024
    /// Maximum size of the whole body, in bytes, including what is between and around the parts. Nil, the default, for
    /// that of the route alone: of its `BodyMode`, of `BodyLimit`, or of the server. The route's limit applies in any
    /// case.
    public var maximumByteCount: Int?

    /// A description of the first invalid limit, or nil.
    var problem: String? {
        OutOfRange.problem("maximumPartCount", maximumPartCount, atLeast: 0)
            ?? OutOfRange.problem("maximumHeaderByteCount", maximumHeaderByteCount, atLeast: 0)
            ?? maximumByteCount.flatMap { OutOfRange.problem("maximumByteCount", $0, atLeast: 0) }
    }

    /// Creates the default limits, which can be changed afterwards.
    public init() {}
}
