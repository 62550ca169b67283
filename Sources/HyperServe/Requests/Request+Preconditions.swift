import HTTPCore

/// What a conditional request comes to, RFC 9110 section 13.2.2.
public enum PreconditionResult: Sendable, Equatable {
    /// The request is to be done.
    case proceed
    /// The client has what it asks for: 304.
    case notModified
    /// The client was mistaken about what is there: 412.
    case failed
}

extension Request {
    /// Whether the request is to be done, by its If-Match, If-Unmodified-Since, If-None-Match and If-Modified-Since
    /// fields, in the order of RFC 9110 section 13.2.2. Handlers that change something ask before they do; for GET and
    /// HEAD the `ConditionalRequests` middleware does it.
    ///
    /// - Parameters:
    ///   - entityTag: of what is there, as it stands in ETag: `"v1"`, with the quotation marks. Nil if there is none.
    ///   - lastModified: when it was changed, in seconds since 1970-01-01 00:00:00 UTC, or nil if that is not known.
    ///   - exists: whether there is anything at all: `If-None-Match: *` is about that.
    public func evaluatePreconditions(
        entityTag: String? = nil, lastModified: Int? = nil, exists: Bool = true
    ) -> PreconditionResult {
        let isSafe = method == .get || method == .head
        let current = entityTag.flatMap { EntityTag($0) }
        if let value = headers["If-Match"] {
            guard matches(value, current, exists: exists, comparesWeakly: false) else { return .failed }
        } else if let limit = headers["If-Unmodified-Since"].flatMap(HTTPDate.parse), let lastModified {
            guard lastModified <= limit else { return .failed }
        }
        if let value = headers["If-None-Match"] {
            if matches(value, current, exists: exists, comparesWeakly: true) { return isSafe ? .notModified : .failed }
        } else if isSafe, let limit = headers["If-Modified-Since"].flatMap(HTTPDate.parse), let lastModified {
            if lastModified <= limit { return .notModified }
        }
        return .proceed
    }

    /// Whether a list of tags, or a star, names what is there. Weak tags are never equal in a strong comparison
    /// (RFC 9110 section 8.8.3.2).
    private func matches(_ value: String, _ current: EntityTag?, exists: Bool, comparesWeakly: Bool) -> Bool {
        if value == "*" { return exists }
        guard let current, let tags = EntityTag.list(value) else { return false }
        return tags.contains { tag in
            tag.text == current.text && (comparesWeakly || !(tag.isWeak || current.isWeak))
        }
    }
}
