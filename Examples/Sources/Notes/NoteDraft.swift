import HyperServe

/// The body of requests that create or change a note.
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

    /// Checks what the types don't express. Throws 422 with all violated rules, by field.
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
