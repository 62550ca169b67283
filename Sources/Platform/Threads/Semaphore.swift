import Glibc

/// A POSIX semaphore.
@safe
package struct Semaphore: ~Copyable, @unchecked Sendable {
    // `@unchecked Sendable`: sem_t is made to be shared; the pointer is freed when the last owner is gone.
    private let handle: UnsafeMutablePointer<sem_t>

    package init() {
        unsafe handle = .allocate(capacity: 1)
        unsafe sem_init(handle, 0, 0)
    }

    deinit {
        unsafe sem_destroy(handle)
        unsafe handle.deallocate()
    }

    package func signal() { unsafe sem_post(handle) }

    /// Takes a signal if there is one already. Never blocks.
    package func tryWait() -> Bool { unsafe sem_trywait(handle) == 0 }

    package func wait() {
        while unsafe sem_wait(handle) != 0 && errno == EINTR {}
    }
}
