/// A pool under measurement. Each makes its own closure of a task, as a program that uses it would.
protocol JobPool: AnyObject, Sendable {
    static var label: String { get }

    init()

    /// Queues a task; if the pool is full, waits for room.
    func submit(_ task: some Runnable)

    /// Ends the threads, when all tasks are done.
    func stop()
}
