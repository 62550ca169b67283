import Glibc

/// Where threads wait until all of them are there.
final class Barrier: @unchecked Sendable {
    // `@unchecked Sendable`: a constant pointer to what protects itself.
    private let raw = UnsafeMutablePointer<pthread_barrier_t>.allocate(capacity: 1)

    init(threads: Int) {
        pthread_barrier_init(raw, nil, UInt32(threads))
    }

    deinit {
        pthread_barrier_destroy(raw)
        raw.deallocate()
    }

    func wait() {
        pthread_barrier_wait(raw)
    }
}
