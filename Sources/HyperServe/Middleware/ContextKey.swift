/// Names a value that middlewares and handlers pass each other through `RequestContext`.
///
/// ```swift
/// enum Tenant: ContextKey {
///     static let defaultValue = "public"
/// }
/// context[Tenant.self] = "acme"
/// ```
public protocol ContextKey {
    /// What is kept.
    associatedtype Value: Sendable

    /// What is read before anything was kept.
    static var defaultValue: Value { get }
}
