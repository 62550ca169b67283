import Platform

/// A thread pool for jobs that may block, whose number of threads follows the load.
///
/// Threads outside the pool submit to a lock-free queue. Jobs submit to the deque of their own worker, from which
/// idle workers steal. Workers without work search for a few microseconds and then sleep in the kernel: an idle pool
/// uses no processor time. When jobs wait because every worker is busy, threads are added up to a maximum; idle
/// threads end.
///
/// ```swift
/// let pool = try ThreadPool(configuration: .init(threads: 2...8))
/// try pool.submit { print("on a thread of the pool") }
/// let sum = try await pool.run { (1...100).reduce(0, +) }
/// pool.shutdown(.drain, deadline: .now + .seconds(5))
/// ```
///
/// All members can be used from any thread. After its last reference is released, a pool runs the jobs that it has
/// accepted, and ends.
public final class ThreadPool: Sendable {
    /// The reason why a pool can't be started.
    public enum StartError: Error, Equatable {
        /// A value of the configuration is out of range. The text names it and its range.
        case invalidConfiguration(String)
        /// The kernel refused a thread, with this errno.
        case noThread(errno: Int32)
    }

    /// The reason why a pool did not accept a job.
    public enum SubmitError: Error {
        /// As many jobs wait as the configuration allows. Another attempt may succeed later; the pool
        /// never waits.
        case full
        /// The pool was shut down.
        case shutDown
        /// The job was accepted, and has waited for `Configuration.maximumWait` while every thread was busy. Only `run`
        /// throws it.
        case waitedTooLong
    }

    /// As given to `init`.
    public var configuration: Configuration { scheduler.configuration }

    let scheduler: Scheduler

    /// Starts the minimum of threads and, if the configuration allows more or sets a maximum wait, one that monitors
    /// them.
    public init(configuration: Configuration = Configuration()) throws(StartError) {
        if let problem = configuration.problem { throw .invalidConfiguration(problem) }
        scheduler = Scheduler(configuration: configuration, topology: .current)
        do throws(SystemError) {
            for _ in 0..<configuration.threads.lowerBound { try scheduler.addThread() }
            if configuration.needsMonitor {
                try scheduler.startThread(named: "\(configuration.name)-grow", on: nil) { $0.monitor() }
            }
        } catch {
            // Threads that were started end in `deinit`.
            throw .noThread(errno: error.code)
        }
    }

    deinit {
        // Without effect after a shutdown. No thread can be in `submit` without retaining the pool.
        scheduler.end(.draining)
    }

    /// Queues `body` to be run once on a worker thread, where it may block. An error is counted and dropped.
    ///
    /// Never blocks, and never waits for room. Allocates one object; `submit(_: Job)` allocates none.
    ///
    /// - Throws: `.full` if as many jobs wait as the configuration allows, `.shutDown` after `shutdown`.
    public func submit(_ body: consuming @escaping @Sendable () throws -> Void) throws(SubmitError) {
        try scheduler.submit(QueuedJob(ClosureJob(body)))
    }

    /// Queues a job. It is retained until it has been run or discarded. Allocates nothing, never blocks.
    ///
    /// - Throws: `.full` if as many jobs wait as the configuration allows, `.shutDown` after `shutdown`.
    public func submit(_ job: Job) throws(SubmitError) {
        try scheduler.submit(QueuedJob(job))
    }

    /// Runs `body` on a worker thread, where it may block, and returns its result.
    ///
    /// If the task is cancelled before `body` has begun, it throws at once and `body` is not called. Once `body` has
    /// begun, cancelling the task does not stop it.
    ///
    /// - Throws: what `body` throws; `CancellationError`; a `SubmitError` if the job was not accepted, has waited for
    ///   too long, or was discarded by `shutdown`.
    public nonisolated(nonsending) func run<Value: Sendable>(
        _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await wait(for: AwaitedJob(body))
    }

    /// Does the same, whether or not the task is cancelled.
    package nonisolated(nonsending) func runUncancelled<Value: Sendable>(
        _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { AwaitedJob(body).submit(to: scheduler, $0) }
    }

    private func wait<Value>(
        for job: AwaitedJob<Value>, isolation: isolated (any Actor)? = #isolation
    ) async throws -> Value {
        try await withTaskCancellationHandler {
            // Without it, the closure would not have the caller's isolation, and would run on another thread.
            _ = isolation
            return try await withCheckedThrowingContinuation { job.submit(to: scheduler, $0) }
        } onCancel: {
            job.cancel()
        }
    }

    /// Calls `body`, which waits for something that needs no thread of the pool, such as a socket. Meanwhile the
    /// calling thread does not count against `Configuration.threads`, within `Configuration.maximumWaitingThreads`.
    /// Afterwards more threads than that may run, until jobs are done.
    ///
    /// `body` may submit jobs, which are queued like those of threads outside the pool. A call inside another is a part
    /// of that one's wait, and only calls `body`.
    ///
    /// On a thread of no pool, it only calls `body`.
    public static func whileWaiting<Result>(_ body: () -> Result) -> Result {
        guard let thread = PoolThread.current else { return body() }
        return thread.wait(body)
    }

    /// What the threads do: recent values.
    package var occupation: Starvation { scheduler.occupation }

    /// Ends the wait of a `shutdown`, of the current call or a later one, as if its deadline had passed. Any thread.
    package func endShutdownWait() { scheduler.endShutdownWait() }

    /// Refuses further jobs, runs or discards those that wait, and returns when every thread has ended or at the
    /// deadline, whichever comes first. Jobs that still wait at the deadline are discarded; running jobs continue.
    ///
    /// Blocks. Must not be called from a job of this pool, which would wait for itself. Further calls wait for the
    /// first one and return its report.
    ///
    /// - Parameter deadline: no deadline if `nil`.
    @discardableResult
    public func shutdown(_ mode: ShutdownMode, deadline: ContinuousClock.Instant? = nil) -> ShutdownReport {
        precondition(PoolThread.of(scheduler) == nil, "a job cannot wait for the end of its own pool")
        return scheduler.shutdown(mode, deadline: deadline)
    }
}
