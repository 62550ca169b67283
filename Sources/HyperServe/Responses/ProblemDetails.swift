import HTTPCore
public import JSON

/// A machine-readable description of an error: the object of RFC 9457, `application/problem+json`.
///
/// The client sees it: include what helps the client, and nothing internal.
public struct ProblemDetails: Sendable, Encodable {
    /// A URI that identifies the kind of problem, ideally of a page that explains it. The default, "about:blank", says
    /// no more than the status, and is left out.
    public var type = "about:blank"
    /// The kind of problem in a few words, the same for each occurrence. Nil for the reason phrase of the status.
    public var title: String?
    /// The status of the response.
    public var status: Status
    /// What went wrong in this occurrence, and what the client can do about it.
    public var detail: String?
    /// A URI that identifies this occurrence.
    public var instance: String?
    /// Further members of the object. They follow the others, in the order of their names; a member with the name of
    /// one of the others is left out.
    public var extensions: [String: any Encodable & Sendable] = [:]
    /// How the values of `extensions` are written, wherever a response with these problem details is made: for types of
    /// Foundation, `.foundation` of the module `HyperServeFoundation`. The names of the members stay as they are.
    public var coding = ValueCoding()

    /// Creates problem details; all values can be changed afterwards.
    public init(_ status: Status, detail: String? = nil) {
        self.status = status
        self.detail = detail
    }

    /// Encodes the members that are set. `coding` is up to the encoder.
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
    /// Creates a response with problem details, by the rules of their `coding`. Throws `EncodingError`, or the error of
    /// an extension, if an extension can't be encoded.
    public static func problem(_ problem: ProblemDetails) throws -> Response {
        var response = try Response.json(problem, status: problem.status, coding: problem.coding)
        response.contentType = .problemDetails
        return response
    }
}
