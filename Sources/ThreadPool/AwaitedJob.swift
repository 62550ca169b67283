/// A job that a task awaits: it resumes the task with what the closure returned or threw.
final class AwaitedJob<Value: Sendable>: ThreadPool.Job, @unchecked Sendable {
    // `@unchecked Sendable`: constants; the continuation is resumed once, by whoever has the job.
    private let body: @Sendable () throws -> Value
    private let continuation: CheckedContinuation<Value, any Error>

    init(_ body: @escaping @Sendable () throws -> Value, continuation: CheckedContinuation<Value, any Error>) {
        self.body = body
        self.continuation = continuation
    }

    override func run() throws {
        let value: Value
        do {
            value = try body()
        } catch {
            continuation.resume(throwing: error)
            throw error
        }
        continuation.resume(returning: value)
    }

    override func discard() {
        continuation.resume(throwing: ThreadPool.SubmitError.shutDown)
    }
}
