import HTTPCore

/// The result of evaluating the preconditions of a request, RFC 9110 section 13.2.2.
public enum PreconditionResult: Sendable, Equatable {
    /// Perform the request.
    case proceed
    /// The client has the current representation: respond with 304.
    case notModified
    /// The current representation is not the one that the client expects: respond with 412.
    case failed
}

extension Request {
    /// Evaluates the fields If-Match, If-Unmodified-Since, If-None-Match and If-Modified-Since, in the order of RFC
    /// 9110 section 13.2.2. A handler that changes something calls this before it does; for GET and HEAD the
    /// `ConditionalRequests` middleware does it.
    ///
    /// - Parameters:
    ///   - entityTag: the tag of the current representation, as in ETag: `"v1"`, with the quotation marks. Nil if it
    ///     has none.
    ///   - lastModified: when it was last changed, in seconds since 1970-01-01 00:00:00 UTC, or nil if that is unknown.
    ///   - exists: whether there is a current representation, which `If-Match: *` and `If-None-Match: *` test.
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

    /// Whether a list of tags, or an asterisk, matches the current representation. Weak tags are never equal in a
    /// strong comparison (RFC 9110 section 8.8.3.2).
    private func matches(_ value: String, _ current: EntityTag?, exists: Bool, comparesWeakly: Bool) -> Bool {
        if value == "*" { return exists }
        guard let current, let tags = EntityTag.list(value) else { return false }
        return tags.contains { tag in
            tag.text == current.text && (comparesWeakly || !(tag.isWeak || current.isWeak))
        }
    }
}
