extension HTTPError {
    /// Creates an error whose message says where and why a value can't be decoded.
    init(_ status: Status, _ error: DecodingError) {
        let context: DecodingError.Context
        var reason: String?
        switch error {
        case .keyNotFound(let key, let found):
            context = found
            reason = "\"\(key.stringValue)\" is missing"
        case .typeMismatch(_, let found), .valueNotFound(_, let found), .dataCorrupted(let found):
            context = found
        @unknown default:
            self.init(status)
            return
        }
        let path = HTTPError.text(of: context.codingPath)
        self.init(status, (path.isEmpty ? "" : "\(path): ") + (reason ?? context.debugDescription))
    }

    /// A coding path as in a program: `items[2].name`.
    private static func text(of path: [any CodingKey]) -> String {
        var text = ""
        for key in path {
            if let index = key.intValue {
                text += "[\(index)]"
            } else {
                text += (text.isEmpty ? "" : ".") + key.stringValue
            }
        }
        return text
    }
}
