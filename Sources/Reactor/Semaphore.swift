import Glibc

/// A POSIX semaphore.
@safe
struct Semaphore: ~Copyable, @unchecked Sendable {
    // `@unchecked Sendable`: sem_t is made to be shared; the pointer is freed when the last owner is gone.
    private let handle: UnsafeMutablePointer<sem_t>

    init() {
        unsafe handle = .allocate(capacity: 1)
        unsafe sem_init(handle, 0, 0)
    }

    deinit {
        unsafe sem_destroy(handle)
        unsafe handle.deallocate()
    }

    func signal() { unsafe sem_post(handle) }

    func wait() {
        while unsafe sem_wait(handle) != 0 && errno == EINTR {}
    }
}
