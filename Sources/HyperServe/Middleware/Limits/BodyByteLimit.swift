import HTTPCore

/// The maximum size of a request body, in bytes, and the setting that it comes from, which a 413 names.
struct BodyByteLimit {
    /// The settings of such limits, by the numbers that plans have.
    enum Setting: UInt8, CaseIterable {
        case server, collected, streamed, middleware, options, part

        var name: StaticString {
            switch self {
            case .server: "ServerConfiguration.maximumBodyByteCount"
            case .collected: "the route's body: .collect(upTo:)"
            case .streamed: "the route's body: .stream(upTo:)"
            case .middleware: "the middleware BodyLimit"
            case .options: "a middleware's RouteOptions.maximumBodyByteCount"
            case .part: "collect(upTo:)"
            }
        }
    }

    var byteCount: Int
    var setting: Setting
}

extension HTTPError {
    /// Returns the error for content beyond a limit: 413, with the limit and the setting that raises it.
    ///
    /// - Parameters:
    ///   - subject: the content, at the beginning of the sentence.
    ///   - unit: the plural of what the limit counts.
    static func tooLarge(_ subject: String, limit: Int, _ unit: String, setting: StaticString) -> HTTPError {
        HTTPError(
            .contentTooLarge, "\(subject) is too large: more than \(limit) \(unit), the limit that \(setting) sets.")
    }
}
