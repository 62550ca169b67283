/// Limits of a `multipart/form-data` body, none of which may be negative. A form beyond a limit gets 413.
public struct MultipartLimits: Sendable {
    /// Maximum number of parts.
    public var maximumPartCount = 1000
    /// Maximum size of the header section of one part, in bytes, with its empty line.
    public var maximumHeaderByteCount = 8 * 1024
    /// Maximum size of the whole body, in bytes, including what is between and around the parts. The limit of the
    /// route's `BodyMode` applies as well.
    public var maximumByteCount = 32 * 1024 * 1024

    /// A description of the first invalid limit, or nil.
    var problem: String? {
        OutOfRange.problem("maximumPartCount", maximumPartCount, atLeast: 0)
            ?? OutOfRange.problem("maximumHeaderByteCount", maximumHeaderByteCount, atLeast: 0)
            ?? OutOfRange.problem("maximumByteCount", maximumByteCount, atLeast: 0)
    }

    /// Creates the default limits, which can be changed afterwards.
    public init() {}
}
