/// What is wrong with a text that is not JSON, and where.
public struct JSONSyntaxError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was found or missed, in a few words.
    public let reason: String
    /// How many bytes stand before the place, from 0 to the length of the text.
    public let byteOffset: Int

    init(_ reason: String, at byteOffset: Int) {
        self.reason = reason
        self.byteOffset = byteOffset
    }

    /// Reason and place.
    public var description: String { "\(reason) at byte \(byteOffset)" }
}
