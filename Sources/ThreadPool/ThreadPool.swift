import Platform

/// Runs jobs that may block, on a number of threads that follows the work.
///
/// Threads outside submit to a lock-free queue; jobs that fork submit to a deque of their worker's own, from which
/// idle workers steal. Workers without work search for a few microseconds and then sleep in the kernel: an idle pool
/// uses no processor time. When jobs wait although every worker is busy, threads are added up to a maximum; when they
/// are idle, they end.
///
/// ```swift
/// let pool = try ThreadPool(configuration: .init(threads: 2...8))
/// try pool.submit { print("somewhere else") }
/// let sum = try await pool.run { (1...100).reduce(0, +) }
/// pool.shutdown(.drain, deadline: .now + .seconds(5))
/// ```
///
/// All members may be used from any thread. A pool that nobody refers to any more runs what it has accepted, and ends.
public final class ThreadPool: Sendable {
    /// A pool can't be started.
    public enum StartError: Error, Equatable {
        /// A value of the configuration is out of range. The text names it, and says what is allowed.
        case invalidConfiguration(String)
        /// The kernel refused a thread, with this errno.
        case noThread(errno: Int32)
    }

    /// Why a pool did not take a job.
    public enum SubmitError: Error {
        /// As many jobs wait as the configuration allows. Trying again later may succeed; waiting is the caller's
        /// choice, never the pool's.
        case full
        /// `shutdown` was called.
        case shutDown
    }

    /// As given to `init`.
    public var configuration: Configuration { scheduler.configuration }

    let scheduler: Scheduler

    /// Starts the fewest threads that the configuration allows, and, if it allows more, one that watches over growth.
    public init(configuration: Configuration = Configuration()) throws(StartError) {
        if let problem = configuration.problem { throw .invalidConfiguration(problem) }
        scheduler = Scheduler(configuration: configuration, topology: .current)
        do throws(SystemError) {
            for _ in 0..<configuration.threads.lowerBound { try scheduler.addThread() }
            if configuration.threads.count > 1 {
                try scheduler.startThread(named: "\(configuration.name)-grow", on: nil) { $0.monitor() }
            }
        } catch {
            // What was started ends in `deinit`.
            throw .noThread(errno: error.code)
        }
    }

    deinit {
        // After a shutdown this finds nothing to do. Nobody can be inside `submit` without holding the pool.
        scheduler.end(.draining)
    }

    /// Queues `body` to be run once on a worker thread, where it may block. What it throws is counted and dropped.
    ///
    /// Never blocks, and never waits for room. Allocates one object; `submit(_: Job)` allocates none.
    ///
    /// - Throws: `.full` when as many jobs wait as the configuration allows, `.shutDown` after `shutdown`.
    public func submit(_ body: consuming @escaping @Sendable () throws -> Void) throws(SubmitError) {
        try scheduler.submit(QueuedJob(ClosureJob(body)))
    }

    /// Queues a job that is an object. It is kept until it has been run or discarded. Allocates nothing, never blocks.
    ///
    /// - Throws: `.full` when as many jobs wait as the configuration allows, `.shutDown` after `shutdown`.
    public func submit(_ job: Job) throws(SubmitError) {
        try scheduler.submit(QueuedJob(job))
    }

    /// Runs `body` on a worker thread, where it may block, and returns what it returns.
    ///
    /// Cancelling the task does not stop `body`, which cannot be stopped.
    ///
    /// - Throws: what `body` throws; a `SubmitError` when the job was not accepted, or was discarded by `shutdown`.
    public func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            do {
                try scheduler.submit(QueuedJob(AwaitedJob(body, continuation: continuation)))
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }

    /// Whether the calling thread runs a job of this pool.
    package var isRunningOnThisThread: Bool { CurrentWorker.of(scheduler) != nil }

    /// Refuses jobs from now on, runs or discards those that wait, and returns when every thread has ended, or at the
    /// deadline, whatever comes first. Jobs that still wait at the deadline are discarded; jobs that run then go on.
    ///
    /// Blocks. Must not be called from a job of this pool, which would wait for itself. Further calls wait for the
    /// first one, whose report they return.
    ///
    /// - Parameter deadline: never, if `nil`.
    @discardableResult
    public func shutdown(_ mode: ShutdownMode, deadline: ContinuousClock.Instant? = nil) -> ShutdownReport {
        precondition(!isRunningOnThisThread, "a job cannot wait for the end of its own pool")
        return scheduler.shutdown(mode, deadline: deadline)
    }
}
