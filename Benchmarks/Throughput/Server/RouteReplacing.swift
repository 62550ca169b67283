import Glibc
import HyperServe
import Synchronization

/// Replaces all routes of a server at a fixed rate, on a thread of its own.
final class RouteReplacing: Sendable {
    private let isOver = Atomic<Bool>(false)
    private let server: Server
    private let rate: Int
    private let makeRouter: @Sendable () -> Router
    private let report = Mutex("")
    private let thread: Mutex<pthread_t>

    /// Starts at once. `rate` is in tables a second; `makeRouter` is called for each, on the thread.
    init(of server: Server, rate: Int, makeRouter: @escaping @Sendable () -> Router) {
        self.server = server
        self.rate = rate
        self.makeRouter = makeRouter
        thread = Mutex(pthread_self())
        thread.withLock { thread in
            // The thread takes over the reference that is retained here.
            let status = unsafe pthread_create(
                &thread, nil,
                { argument in
                    unsafe Unmanaged<RouteReplacing>.fromOpaque(argument!).takeRetainedValue().run()
                    return nil
                }, Unmanaged.passRetained(self).toOpaque())
            precondition(status == 0, "no thread to replace routes on")
        }
    }

    /// Stops it. Returns its statistics as one line of JSON.
    func stop() -> String {
        isOver.store(true, ordering: .relaxed)
        thread.withLock { thread in _ = pthread_join(thread, nil) }
        return report.withLock { $0 }
    }

    private func run() {
        let clock = ContinuousClock()
        let start = clock.now
        var count = 0
        while !isOver.load(ordering: .relaxed) {
            // A server that could not run for a while catches up.
            let due = Int((clock.now - start) / .seconds(1) * Double(rate))
            while count < due, !isOver.load(ordering: .relaxed) {
                do { try server.replaceRoutes(with: makeRouter()) } catch { preconditionFailure("\(error)") }
                count += 1
            }
            usleep(200)
        }
        let seconds = (clock.now - start) / .seconds(1)
        let statistics = server.routeTableStatistics
        report.withLock {
            $0 = """
                {"replacements": \(statistics.replacementCount), "seconds": \(seconds), \
                "tables": \(statistics.liveTableCount)}
                """
        }
    }
}
