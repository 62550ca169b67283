import Glibc
import ThreadPool

/// This project's pool with its default configuration.
final class HyperServePool: JobPool {
    static let label = "HyperServe"

    private let pool: ThreadPool

    init() {
        do {
            pool = try ThreadPool()
        } catch {
            fatalError("no threads: \(error)")
        }
    }

    func submit(_ task: some Runnable) {
        while true {
            do {
                return try pool.submit { task.run() }
            } catch {
                precondition(error == .full, "submitted after the end")
                sched_yield()
            }
        }
    }

    func stop() {
        pool.shutdown(.drain)
    }
}
