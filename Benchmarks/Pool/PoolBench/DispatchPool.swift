import Dispatch

/// Dispatch's concurrent queue, with the number of threads that Dispatch chooses.
final class DispatchPool: JobPool {
    static let label = "Dispatch"

    private let queue = DispatchQueue(label: "pool-bench", attributes: .concurrent)

    init() {}

    func submit(_ task: some Runnable) {
        queue.async { task.run() }
    }

    func stop() {
        queue.sync(flags: .barrier) {}
    }
}
