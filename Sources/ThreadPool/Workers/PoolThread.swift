import Glibc
import Synchronization

/// A thread of a pool. It has a worker until another thread takes that over while this one waits; from then on it is an
/// extra thread, and ends after its job.
///
/// Not `Sendable`: only the thread itself uses it.
final class PoolThread {
    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        let result = unsafe pthread_key_create(&key, nil)
        precondition(result == 0, "no key for thread-specific data is left")
        return key
    }()

    let scheduler: Scheduler
    /// The slot that it holds; nil for an extra thread, and while another thread may take the slot over.
    private(set) var slot: WorkerSlot?

    init(_ scheduler: Scheduler, _ slot: WorkerSlot) {
        self.scheduler = scheduler
        self.slot = slot
    }

    var worker: Worker? { slot?.worker }

    /// The calling thread, if it belongs to a pool.
    static var current: PoolThread? {
        guard let address = unsafe pthread_getspecific(key) else { return nil }
        // Set by `run` while the thread has the object, which is then retained.
        return unsafe Unmanaged<PoolThread>.fromOpaque(address).takeUnretainedValue()
    }

    /// The calling thread, if it belongs to the pool of `scheduler`. A job of one pool may submit to another.
    static func of(_ scheduler: Scheduler) -> PoolThread? {
        guard let current, current.scheduler === scheduler else { return nil }
        return current
    }

    /// Makes this the object of the calling thread while `body` runs.
    func run(_ body: () -> Void) {
        let address = unsafe UnsafeRawPointer(Unmanaged.passUnretained(self).toOpaque())
        let result = unsafe pthread_setspecific(Self.key, address)
        precondition(result == 0, "no memory for thread-specific data is left")
        body()
        _ = pthread_setspecific(Self.key, nil)
    }

    /// Calls `body`, which waits. Another thread may take the worker over meanwhile, so `body` does not have it: what
    /// it submits is queued as from outside, and if it waits in turn, that is a part of this wait.
    func wait<Result>(_ body: () -> Result) -> Result {
        guard let slot = slot.take() else { return body() }
        // Before the state changes, so that whoever can take the slot over can also find out that there is one.
        scheduler.waitingWorkers.wrappingAdd(1, ordering: .sequentiallyConsistent)
        let wait = slot.beginWaiting()
        if scheduler.needsHandOff { scheduler.callMonitor() }
        let result = body()
        if slot.endWaiting(wait) {
            scheduler.waitingWorkers.wrappingSubtract(1, ordering: .relaxed)
            self.slot = slot
        }
        return result
    }
}
