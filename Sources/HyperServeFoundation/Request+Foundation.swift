public import HyperServe
import JSON

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// A type of Foundation that can be a parameter of a path or a query: `UUID`, `Date` (as in RFC 3339), `URL`, `Decimal`
/// and `Data` (in Base64). It is not meant for further types, which conform to `LosslessStringConvertible`.
public protocol FoundationParameter {}

extension UUID: FoundationParameter {}
extension Date: FoundationParameter {}
extension URL: FoundationParameter {}
extension Decimal: FoundationParameter {}
extension Data: FoundationParameter {}

extension Request {
    /// Returns the path parameter with this name, converted to `type`: `try request.parameter("id", as: UUID.self)`.
    ///
    /// - Throws: `HTTPError` with 400 if the text can't be converted; `MissingParameterError`, which becomes a 500 and
    ///   is logged, if the pattern has no such name.
    // A program that has conformed one of the types to LosslessStringConvertible keeps its own conversion.
    @_disfavoredOverload
    public func parameter<Value: FoundationParameter>(_ name: String, as type: Value.Type) throws -> Value {
        try read(try parameter(name, as: String.self), as: type, orThrow: "The path's \(name) is not valid.")
    }
}

extension Request.Query {
    /// Returns the value of the first pair with this name, converted to `type`. Nil if there is none, and if its value
    /// is empty, unless `type` has an empty value, as `Data` does.
    ///
    /// - Throws: `HTTPError` with 400 if the text can't be converted.
    // As above.
    @_disfavoredOverload
    public func parameter<Value: FoundationParameter>(
        _ name: String, as type: Value.Type
    ) throws(HTTPError) -> Value? {
        guard let text = self[name] else { return nil }
        if text.isEmpty, type != Data.self { return nil }
        return try read(text, as: type, orThrow: "The query's \(name) is not valid.")
    }
}

private func read<Value>(_ text: String, as type: Value.Type, orThrow message: String) throws(HTTPError) -> Value {
    do {
        return try FoundationConversions(dates: .rfc3339).value(type, from: .untyped(text))
    } catch {
        throw HTTPError(.badRequest, message)
    }
}
