import HyperServe

/// What a client sends to make a note or to change one.
public struct NoteDraft: Codable, Sendable {
    public static let maximumTitleLength = 100

    public var title: String
    public var text: String?
    public var isDone: Bool?

    public init(title: String, text: String? = nil, isDone: Bool? = nil) {
        self.title = title
        self.text = text
        self.isDone = isDone
    }

    /// What the types do not say. Throws 422 for the first rule that is broken.
    func validate() throws {
        guard !title.allSatisfy(\.isWhitespace) else {
            throw HTTPError(.unprocessableContent, "title: must not be empty")
        }
        guard title.count <= Self.maximumTitleLength else {
            throw HTTPError(.unprocessableContent, "title: at most \(Self.maximumTitleLength) characters")
        }
    }
}
