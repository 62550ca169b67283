import HyperServe
import MutexPool

/// Where the answers are made: on the reactor, on the server's thread pool, or, as it was in the project's ancestor, on
/// four threads behind a mutex.
enum HandlerPlace: String {
    case inline
    case pool
    case mutex

    /// Makes an answer out of a request's body.
    typealias Work = @Sendable (_ body: [UInt8]) throws -> Response

    /// Adds a route whose answers are made here.
    func add(_ method: Method, _ pattern: String, to router: inout Router, _ work: @escaping Work) {
        switch self {
        case .inline: router.on(method, pattern) { request in try work(request.body.bytes) }
        case .pool: router.on(method, pattern, .blocking) { request in try work(request.body.bytes) }
        case .mutex:
            router.on(method, pattern) { request async throws in
                let body = request.body.bytes
                return try await withCheckedThrowingContinuation { continuation in
                    Self.mutexPool.submit { continuation.resume(with: Result { try work(body) }) }
                }
            }
        }
    }

    /// Adds a route whose answers take their time: not on the reactor in any case.
    func addBlocking(_ method: Method, _ pattern: String, to router: inout Router, _ work: @escaping Work) {
        (self == .inline ? .pool : self).add(method, pattern, to: &router, work)
    }

    private static let mutexPool = MutexPool()
}
