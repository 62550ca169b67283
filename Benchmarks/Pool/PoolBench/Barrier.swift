import Glibc

/// A barrier at which threads wait until all have arrived.
final class Barrier: @unchecked Sendable {
    // `@unchecked Sendable`: a constant pointer to a type made to be shared.
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
