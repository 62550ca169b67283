extension Request {
    /// The body as a value, read as JSON by the rules of `JSON.decode(_:from:)`.
    ///
    /// The body must be collected: on routes with `body: .stream` there is nothing to decode. The error's message tells
    /// the client what is wrong and where.
    ///
    /// - Throws: `HTTPError` with 415 if Content-Type is neither `application/json` nor ends with `+json`, 400 if the
    ///   body is not JSON, 422 if it is JSON of another shape; any other error of `Value.init(from:)` as it is.
    public func decode<Value: Decodable>(json type: Value.Type) throws -> Value {
        guard let contentType = contentType?.value,
            contentType == "application/json"
                || contentType.hasPrefix("application/") && contentType.hasSuffix("+json")
        else { throw HTTPError(.unsupportedMediaType, "The Content-Type must be application/json.") }
        do {
            return try JSON.decode(type, from: body.bytes)
        } catch let error as JSONSyntaxError {
            throw HTTPError(.badRequest, "The body is not JSON: \(error).")
        } catch let error as DecodingError {
            throw HTTPError(.unprocessableContent, error)
        }
    }

    /// The body as a value, read as an HTML form sends it: `application/x-www-form-urlencoded`, by the rules of
    /// `Query.decode(_:)`.
    ///
    /// The body must be collected, as for `decode(json:)`.
    ///
    /// - Throws: `HTTPError` with 415 if Content-Type is another, 400 if the encoding is malformed, 422 if a field
    ///   misses or can't be read; any other error of `Value.init(from:)` as it is.
    public func decode<Value: Decodable>(form type: Value.Type) throws -> Value {
        guard contentType?.value == "application/x-www-form-urlencoded" else {
            throw HTTPError(.unsupportedMediaType, "The Content-Type must be application/x-www-form-urlencoded.")
        }
        let fields = try body.withBytes { bytes in try FormFields(bytes) }
        do {
            return try FormPlace(fields).decode(type)
        } catch let error as DecodingError {
            throw HTTPError(.unprocessableContent, error)
        }
    }

    /// What Content-Type says of the body; nil without the field, and if it is malformed.
    var contentType: FieldParameters? {
        let field = headers["Content-Type"]
        return field.flatMap { FieldParameters($0) }
    }
}

extension Request.Query {
    /// The query as a value: each stored property is read from the pairs of its name.
    ///
    /// Strings, Booleans (`true`, `false`, and `on` as a checkbox sends it), numbers (decimal and finite, see
    /// `parameter(_:as:)`) and enums of those are read from the one pair of their name; optionals may be absent; arrays
    /// have a pair for each element, and none if they are empty. Pairs that the type does not ask for are ignored.
    /// There may be up to 1,000 pairs.
    ///
    /// - Throws: `HTTPError` with 400 if a value is missing, is repeated or can't be read, and if the query is not
    ///   percent-encoded UTF-8; any other error of `Value.init(from:)` as it is.
    public func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let fields = try text.withBytes(range) { bytes in try FormFields(bytes) }
        do {
            return try FormPlace(fields).decode(type)
        } catch let error as DecodingError {
            throw HTTPError(.badRequest, error)
        }
    }

    /// The value of the first pair with this name, as `type` reads it from its text. Nil if there is none.
    ///
    /// Numbers are decimal and finite, as HTML's number inputs send them: `-1.5e3`, but neither `+1`, `0x10`, `inf` nor
    /// `nan`. Booleans are `true`, `false` and `on`.
    ///
    /// - Throws: `HTTPError` with 400 if the text is none of the type's.
    public func parameter<Value: LosslessStringConvertible>(
        _ name: String, as type: Value.Type
    ) throws(HTTPError) -> Value? {
        guard let text = self[name] else { return nil }
        guard let value = TextValue.read(text, as: type) else {
            throw HTTPError(.badRequest, "The query's \(name) is not valid.")
        }
        return value
    }
}

extension Request {
    /// The part of the path that the route's pattern calls `name`, as `type` reads it from its text:
    /// `try request.parameter("id", as: Int.self)`. Numbers and Booleans are read as those of a query are.
    ///
    /// - Throws: `HTTPError` with 400 if the text is none of the type's; `MissingParameterError`, which becomes a 500
    ///   and is logged, if the pattern has no such name.
    public func parameter<Value: LosslessStringConvertible>(_ name: String, as type: Value.Type) throws -> Value {
        guard let text = parameters[name] else { throw MissingParameterError(name: name) }
        guard let value = TextValue.read(text, as: type) else {
            throw HTTPError(.badRequest, "The path's \(name) is not valid.")
        }
        return value
    }
}
