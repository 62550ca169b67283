import Glibc

/// What the project's ancestor had: four threads on one queue, one mutex and one condition variable.
public final class MutexPool: @unchecked Sendable {
    // `@unchecked Sendable`: everything that changes is protected by the mutex.

    private static let threadCount = 4

    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let isThereWork = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var threads: [pthread_t] = []
    private var isStopping = false
    /// A ring; its size is a power of two, and doubles when it is full.
    private var jobs: [(@Sendable () -> Void)?] = Array(repeating: nil, count: 1_024)
    private var first = 0
    private var count = 0

    public init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(isThereWork, nil)
        for _ in 0..<Self.threadCount {
            var thread = pthread_t()
            let argument = Unmanaged.passUnretained(self).toOpaque()
            let result = pthread_create(
                &thread, nil,
                { pool in
                    Unmanaged<MutexPool>.fromOpaque(pool!).takeUnretainedValue().work()
                    return nil
                }, argument)
            precondition(result == 0, "no thread")
            threads.append(thread)
        }
    }

    deinit {
        pthread_cond_destroy(isThereWork)
        pthread_mutex_destroy(mutex)
        isThereWork.deallocate()
        mutex.deallocate()
    }

    public func submit(_ job: @escaping @Sendable () -> Void) {
        pthread_mutex_lock(mutex)
        if count == jobs.count { grow() }
        jobs[(first + count) & (jobs.count - 1)] = job
        count += 1
        pthread_mutex_unlock(mutex)
        pthread_cond_signal(isThereWork)
    }

    public func stop() {
        pthread_mutex_lock(mutex)
        isStopping = true
        pthread_mutex_unlock(mutex)
        pthread_cond_broadcast(isThereWork)
        for thread in threads { pthread_join(thread, nil) }
    }

    private func work() {
        while true {
            pthread_mutex_lock(mutex)
            while count == 0 && !isStopping { pthread_cond_wait(isThereWork, mutex) }
            guard count > 0, let job = jobs[first] else { break }
            jobs[first] = nil
            first = (first + 1) & (jobs.count - 1)
            count -= 1
            pthread_mutex_unlock(mutex)
            job()
        }
        pthread_mutex_unlock(mutex)
    }

    private func grow() {
        jobs = Array(jobs[first...] + jobs[..<first]) + Array(repeating: nil, count: jobs.count)
        first = 0
    }
}
