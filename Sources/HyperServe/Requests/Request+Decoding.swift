import JSON

extension Request {
    /// Decodes the body from JSON by the rules of `JSON.decode(_:from:coding:)`.
    ///
    /// The body must be collected, as it is except on routes with `body: .stream`. The error's message says what is
    /// wrong, and where.
    ///
    /// - Throws: `StreamError.bodyStreamed`, which becomes a 500 and is logged, if the body is streamed; `HTTPError`
    ///   with 415 if Content-Type is neither `application/json` nor ends with `+json`, 400 if its parameters are
    ///   malformed or the body is not JSON, 422 if it is JSON of another shape; `DecodingError` if the type needs
    ///   another `coding`; any other error of `Value.init(from:)` unchanged.
    public func decode<Value: Decodable>(
        json type: Value.Type, coding: ValueCoding = ValueCoding()
    ) throws -> Value {
        try body.checkCollected()
        _ = try contentType("application/json") {
            $0 == "application/json" || $0.hasPrefix("application/") && $0.hasSuffix("+json")
        }
        do {
            return try JSON.decode(type, from: body.bytes, coding: coding)
        } catch let error as JSONSyntaxError {
            throw HTTPError(.badRequest, "The body is not JSON: \(error).")
        } catch let error as DecodingError where !error.isOfUnsupportedType {
            throw HTTPError(.unprocessableContent, error)
        }
    }

    /// Decodes the body of an HTML form, `application/x-www-form-urlencoded`, by the rules of
    /// `Query.decode(_:coding:)`.
    ///
    /// The body must be collected, as for `decode(json:coding:)`.
    ///
    /// - Throws: `StreamError.bodyStreamed`, which becomes a 500 and is logged, if the body is streamed; `HTTPError`
    ///   with 415 if Content-Type is another, 400 if its parameters or the encoding are malformed, 422 if a field is
    ///   missing or invalid; `DecodingError` if the type needs another `coding`; any other error of
    ///   `Value.init(from:)` unchanged.
    public func decode<Value: Decodable>(
        form type: Value.Type, coding: ValueCoding = ValueCoding()
    ) throws -> Value {
        try body.checkCollected()
        _ = try contentType("application/x-www-form-urlencoded") { $0 == "application/x-www-form-urlencoded" }
        let fields = try body.withBytes { bytes in try FormFields(bytes) }
        do {
            return try FormDecoder(fields, coding: coding).decode(type)
        } catch let error as DecodingError where !error.isOfUnsupportedType {
            throw HTTPError(.unprocessableContent, error)
        }
    }

    /// Returns the parsed Content-Type.
    ///
    /// - Throws: 415 if the media type is not the expected one, whatever its parameters; 400 if it is, and the
    ///   parameters are malformed.
    func contentType(_ expected: String, isExpected: (_ value: String) -> Bool) throws(HTTPError) -> FieldParameters {
        guard let field = headers["Content-Type"], isExpected(FieldParameters.value(of: field)) else {
            throw HTTPError(.unsupportedMediaType, "The Content-Type must be \(expected).")
        }
        guard let contentType = FieldParameters(field) else {
            throw HTTPError(
                .badRequest,
                "The parameters of the Content-Type are malformed: each is a name, \"=\" and a value, which is in "
                    + "quotation marks if it has a slash, a space or another character that no token has.")
        }
        return contentType
    }
}

extension Request.Query {
    /// Decodes the query: each stored property is read from the pairs with its name.
    ///
    /// Strings, Booleans (`true`, `false`, and `on` as a checkbox sends it), numbers (decimal and finite, see
    /// `parameter(_:as:)`) and enums of those are read from the one pair with their name. Optionals may be absent, or
    /// have an empty value, as browsers send inputs that were not filled in; only an optional string is then "". A
    /// `Patch` is null where an optional would be nil because of an empty value. Arrays have a pair for each element,
    /// and none if they are empty. Other pairs are ignored. There may be at most 1,000 pairs.
    ///
    /// - Throws: `HTTPError` with 400 if a value is missing, is repeated or is invalid, and if the query is not
    ///   percent-encoded UTF-8; `DecodingError` if the type needs another `coding`; any other error of
    ///   `Value.init(from:)` unchanged.
    public func decode<Value: Decodable>(_ type: Value.Type, coding: ValueCoding = ValueCoding()) throws -> Value {
        let fields = try head.withBytes(range) { bytes in try FormFields(bytes) }
        do {
            return try FormDecoder(fields, coding: coding).decode(type)
        } catch let error as DecodingError where !error.isOfUnsupportedType {
            throw HTTPError(.badRequest, error)
        }
    }

    /// Returns the value of the first pair with this name, converted to `type`. Nil if there is none, and if its value
    /// is empty, unless `type` has an empty value, as `String` does.
    ///
    /// Numbers are decimal and finite, as HTML's number inputs send them: `-1.5e3`, but neither `+1`, `0x10`, `inf` nor
    /// `nan`. Booleans are `true`, `false` and `on`.
    ///
    /// - Throws: `HTTPError` with 400 if the text can't be converted.
    public func parameter<Value: LosslessStringConvertible>(
        _ name: String, as type: Value.Type
    ) throws(HTTPError) -> Value? {
        guard let text = self[name] else { return nil }
        guard let value = TextValue.read(text, as: type) else {
            if text.isEmpty { return nil }
            throw HTTPError(.badRequest, "The query's \(name) is not valid.")
        }
        return value
    }
}

extension Request {
    /// Returns the path parameter with this name, converted to `type`: `try request.parameter("id", as: Int.self)`.
    /// Numbers and Booleans are read as in a query.
    ///
    /// - Throws: `HTTPError` with 400 if the text can't be converted; `MissingParameterError`, which becomes a 500 and
    ///   is logged, if the pattern has no such name.
    public func parameter<Value: LosslessStringConvertible>(_ name: String, as type: Value.Type) throws -> Value {
        guard let text = parameters[name] else { throw MissingParameterError(name: name) }
        guard let value = TextValue.read(text, as: type) else {
            throw HTTPError(.badRequest, "The path's \(name) is not valid.")
        }
        return value
    }
}

/// A handler read a path parameter that its route's pattern does not have: a mistake of the application.
public struct MissingParameterError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The name of the parameter.
    public let name: String

    /// A description for the log.
    public var description: String { "the route's pattern has no {\(name)}" }
}
