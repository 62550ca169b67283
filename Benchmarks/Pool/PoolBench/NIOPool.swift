import Dispatch
import NIOPosix

/// swift-nio's pool for blocking work, with as many threads as the mutex pool.
final class NIOPool: JobPool {
    static let label = "NIO"

    private let pool = NIOThreadPool(numberOfThreads: 4)

    init() {
        pool.start()
    }

    func submit(_ task: some Runnable) {
        pool.submit { _ in task.run() }
    }

    func stop() {
        let ended = DispatchSemaphore(value: 0)
        pool.shutdownGracefully(queue: .global()) { _ in ended.signal() }
        ended.wait()
    }
}
