import HyperServe
import MutexPool

/// Where handlers run: on the reactor, on the server's thread pool, or, as in the project's predecessor, on four
/// threads with one queue and one mutex.
enum HandlerPlace: String {
    case inline
    case pool
    case mutex

    /// Returns the response to a request with this body.
    typealias Work = @Sendable (_ body: [UInt8]) throws -> Response

    /// Adds a route whose handler runs there.
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

    /// Adds a route whose handler blocks, which never runs on the reactor.
    func addBlocking(_ method: Method, _ pattern: String, to router: inout Router, _ work: @escaping Work) {
        (self == .inline ? .pool : self).add(method, pattern, to: &router, work)
    }

    private static let mutexPool = MutexPool()
}
