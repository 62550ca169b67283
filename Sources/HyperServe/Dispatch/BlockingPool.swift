import Platform
import Reactor
import Synchronization
import ThreadPool

/// The server's thread pool: for blocking handlers, and for closures of async code. Its threads are started when it is
/// first needed.
final class BlockingPool: Sendable {
    private enum State {
        /// The server has not started, or it has stopped.
        case closed
        case idle
        case running(ThreadPool)
    }

    /// How many times `maximumBlockingWait` must pass without a job for which there was no room before another one is
    /// reported.
    private static let quietWaits: Int64 = 10

    private let configuration: ThreadPool.Configuration
    private let state = Locked(State.closed)
    /// When there was no room for a job last, in monotonic nanoseconds; `Int64.min` before the first time.
    private let lastFull = Atomic<Int64>(.min)
    /// Reports that there is no room, and what the threads do.
    private let whenFull: @Sendable (ThreadPool.Starvation) -> Void

    /// - Parameter owner: The object that the threads are marked with; see `ThreadOwner`.
    init(_ configuration: ServerConfiguration, _ log: EventLog, owner: ObjectIdentifier) {
        whenFull = { log.report(.warning, configuration.messageWhenFull($0)) }
        var pool = ThreadPool.Configuration(
            threads: configuration.blockingThreads, queueCapacity: configuration.maximumBlockingQueue,
            maximumWaitingThreads: configuration.maximumWaitingBlockingThreads,
            maximumWait: max(configuration.maximumBlockingWait, .milliseconds(1)),
            whenStarved: { log.report(.warning, configuration.message(of: $0)) }, name: "hs-block")
        pool.owner = owner
        self.configuration = pool
    }

    /// The pool, if it has been started.
    var pool: ThreadPool? {
        state.withLock { state in
            if case .running(let pool) = state { pool } else { nil }
        }
    }

    /// Starts the threads, unless they are running.
    @discardableResult
    func start() throws(ServerError) -> ThreadPool {
        try state.withLock { state throws(ServerError) in
            switch state {
            case .running(let pool): return pool
            case .closed: throw .stopped
            case .idle: break
            }
            do throws(ThreadPool.StartError) {
                let pool = try ThreadPool(configuration: configuration)
                state = .running(pool)
                return pool
            } catch {
                switch error {
                case .invalidConfiguration(let problem): throw .invalidConfiguration("blocking handlers: \(problem)")
                case .noThread(let code): throw .noThread(SystemError("pthread_create", code: code))
                }
            }
        }
    }

    /// Logs that there was no room for a job, unless it was so a short while ago. Any thread.
    func reportFull() {
        let now = Clock.nanoseconds()
        // Relaxed: the time is all that is shared. Of several threads, only the first gets the earlier time.
        let last = lastFull.exchange(now, ordering: .relaxed)
        let quiet = configuration.maximumWait?.nanoseconds ?? 0
        guard last == .min || (now - last) / Self.quietWaits >= quiet, let pool else { return }
        whenFull(pool.occupation)
    }

    /// Runs a closure on a thread of the pool.
    ///
    /// - Parameter isCancellable: whether cancelling the task prevents a closure that has not begun.
    nonisolated(nonsending) func run<Value: Sendable>(
        isCancellable: Bool = true, _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        if isCancellable { try Task.checkCancellation() }
        let pool: ThreadPool
        do throws(ServerError) {
            pool = try start()
        } catch {
            if error == .stopped { throw BlockingError.notServing }
            throw error
        }
        do {
            return isCancellable ? try await pool.run(body) : try await pool.runUncancelled(body)
        } catch let error as ThreadPool.SubmitError {
            switch error {
            case .full:
                reportFull()
                throw BlockingError.full
            case .waitedTooLong: throw BlockingError.starved
            case .shutDown: throw BlockingError.notServing
            }
        }
    }

    /// Lets the threads be started, after a stop too.
    func open() {
        state.withLock { if case .closed = $0 { $0 = .idle } }
    }

    /// Ends the threads. Waits until `deadline` for what is running on them.
    func stop(deadline: ContinuousClock.Instant?) {
        pool?.shutdown(.discard, deadline: deadline)
        // Not earlier: `endStopWait` needs the pool meanwhile.
        let last = state.withLock { state in
            defer { state = .closed }
            return state
        }
        // Started meanwhile.
        if case .running(let pool) = last { pool.shutdown(.discard, deadline: deadline) }
    }

    /// Ends the wait of `stop`, now or later.
    func endStopWait() { pool?.endShutdownWait() }
}

/// The reason why a closure did not run on the server's thread pool; see `Request.runBlocking(_:)`. If a handler throws
/// it, the response is 503 with Retry-After.
public enum BlockingError: Error, Sendable, Equatable {
    /// As many requests and closures wait as `ServerConfiguration.maximumBlockingQueue` allows.
    case full
    /// It has waited for `ServerConfiguration.maximumBlockingWait` while every thread was busy.
    case starved
    /// The server was not started, is stopping, or has stopped.
    case notServing
}

extension ServerConfiguration {
    /// Returns the message of the log when requests have waited for a thread in vain.
    fileprivate func message(of starvation: ThreadPool.Starvation) -> String {
        "503 to requests that have waited for a thread for \(maximumBlockingWait) (maximumBlockingWait): "
            + causes(starvation)
    }

    /// Returns the message of the log when requests don't find room to wait for a thread.
    fileprivate func messageWhenFull(_ occupation: ThreadPool.Starvation) -> String {
        "503 to requests, as \(maximumBlockingQueue) wait for a thread (maximumBlockingQueue): " + causes(occupation)
    }

    /// What keeps the threads from taking more requests.
    private func causes(_ occupation: ThreadPool.Starvation) -> String {
        let busy = occupation.threads - occupation.waitingThreads
        var causes: [String] = []
        if busy > 0 { causes.append("\(busy) run handlers (blockingThreads allows \(blockingThreads.upperBound))") }
        if occupation.waitingThreads > 0 {
            causes.append(
                "\(occupation.waitingThreads) wait for clients (maximumWaitingBlockingThreads allows "
                    + "\(maximumWaitingBlockingThreads) more)")
        }
        return "of \(occupation.threads) threads, " + causes.joined(separator: " and ")
    }
}
