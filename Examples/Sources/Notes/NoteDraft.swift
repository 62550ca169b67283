import HyperServe

/// What a client sends to make a note or to change one.
public struct NoteDraft: Codable, Sendable {
    public static let maximumTitleLength = 100
    public static let maximumTextByteCount = 10_000

    public var title: String
    public var text: String?
    public var isDone: Bool?

    public init(title: String, text: String? = nil, isDone: Bool? = nil) {
        self.title = title
        self.text = text
        self.isDone = isDone
    }

    /// What the types do not say. Throws 422 with all the rules that are broken, by the field that breaks them.
    func validate() throws {
        var broken: [String: String] = [:]
        if title.allSatisfy(\.isWhitespace) { broken["title"] = "must not be empty" }
        if title.count > Self.maximumTitleLength {
            broken["title"] = "must have at most \(Self.maximumTitleLength) characters"
        }
        if let text, text.utf8.count > Self.maximumTextByteCount {
            broken["text"] = "must have at most \(Self.maximumTextByteCount) bytes"
        }
        guard broken.isEmpty else {
            var problem = ProblemDetails(.unprocessableContent, detail: "the note is not valid")
            problem.extensions["fields"] = broken
            throw HTTPError(problem)
        }
    }
}
