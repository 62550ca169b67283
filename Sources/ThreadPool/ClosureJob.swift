/// A job from a closure: the one object that `submit { … }` allocates.
final class ClosureJob: ThreadPool.Job, @unchecked Sendable {
    // `@unchecked Sendable`: a constant that is itself `Sendable`.
    private let body: @Sendable () throws -> Void

    init(_ body: @escaping @Sendable () throws -> Void) {
        self.body = body
    }

    override func run() throws {
        try body()
    }
}
