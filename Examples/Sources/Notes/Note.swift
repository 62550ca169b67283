/// A note, as it is stored and as it is sent.
public struct Note: Codable, Sendable, Equatable {
    public let id: Int
    public var title: String
    public var text: String
    public var isDone: Bool
}
