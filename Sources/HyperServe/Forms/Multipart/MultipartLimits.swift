/// What a `multipart/form-data` body may cost. No limit is negative.
public struct MultipartLimits: Sendable {
    /// Parts. More are answered with 413.
    public var maximumPartCount = 1000
    /// Bytes of the header of one part, with its empty line. Longer ones are answered with 413.
    public var maximumHeaderByteCount = 8 * 1024
    /// Bytes of the whole body, between and around the parts too. Longer ones are answered with 413. Besides, the
    /// limit of the route's `BodyMode` holds.
    public var maximumByteCount = 32 * 1024 * 1024

    /// What is wrong with them, if anything is.
    var problem: String? {
        OutOfRange.problem("maximumPartCount", maximumPartCount, atLeast: 0)
            ?? OutOfRange.problem("maximumHeaderByteCount", maximumHeaderByteCount, atLeast: 0)
            ?? OutOfRange.problem("maximumByteCount", maximumByteCount, atLeast: 0)
    }

    /// The default limits; all can be changed afterwards.
    public init() {}
}
