import HTTP1
import HTTPCore
import JSON

/// What went wrong, for programs to read: the object of RFC 9457, `application/problem+json`.
///
/// It is shown to the client: say what helps it, and nothing about the server's inside.
public struct ProblemDetails: Sendable, Encodable {
    /// A URI that names the kind of problem, best one with a page that explains it. "about:blank" says no more than the
    /// status does, and is left out.
    public var type = "about:blank"
    /// The kind of problem in a few words, the same each time. Nil for the status's own.
    public var title: String?
    /// The status of the answer.
    public var status: Status
    /// What went wrong this time, and what the client can do about it.
    public var detail: String?
    /// A URI that names this occurrence.
    public var instance: String?
    /// Further members of the object. They come behind the others, in the order of their names; those with a name of
    /// the others are left out.
    public var extensions: [String: any Encodable & Sendable] = [:]

    /// Creates the description of a problem; all else can be set afterwards.
    public init(_ status: Status, detail: String? = nil) {
        self.status = status
        self.detail = detail
    }

    /// Writes the members that say something.
    public func encode(to encoder: any Encoder) throws {
        var object = encoder.container(keyedBy: JSONPathKey.self)
        if type != "about:blank" { try object.encode(type, forKey: JSONPathKey(name: "type")) }
        try object.encodeIfPresent(title ?? status.reasonPhrase, forKey: JSONPathKey(name: "title"))
        try object.encode(status.code, forKey: JSONPathKey(name: "status"))
        try object.encodeIfPresent(detail, forKey: JSONPathKey(name: "detail"))
        try object.encodeIfPresent(instance, forKey: JSONPathKey(name: "instance"))
        for (name, value) in extensions.sorted(by: { $0.key < $1.key })
        where !["type", "title", "status", "detail", "instance"].contains(name) {
            try object.encode(value, forKey: JSONPathKey(name: name))
        }
    }
}

extension Response {
    /// The answer that describes a problem. Throws `EncodingError`, or what an extension throws, if an extension can't
    /// be encoded.
    public static func problem(_ problem: ProblemDetails) throws -> Response {
        var response = try Response.json(problem, status: problem.status)
        response.contentType = .problemDetails
        return response
    }
}

extension Status {
    /// The reason phrase that is registered for the code. Nil for others.
    public var reasonPhrase: String? { StatusLine.reasonPhrase(code) }
}
