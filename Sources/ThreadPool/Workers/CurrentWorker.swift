import Glibc

/// The worker of the calling thread, if it has one.
enum CurrentWorker {
    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        let result = unsafe pthread_key_create(&key, nil)
        precondition(result == 0, "no key for thread-specific data is left")
        return key
    }()

    /// The calling thread's worker if it belongs to `scheduler`.
    static func of(_ scheduler: Scheduler) -> Worker? {
        guard let address = unsafe pthread_getspecific(key) else { return nil }
        // Set by `become` while the thread has the worker, which its scheduler retains.
        let worker = unsafe Unmanaged<Worker>.fromOpaque(address).takeUnretainedValue()
        // A job of one pool may submit to another.
        return worker.scheduler == ObjectIdentifier(scheduler) ? worker : nil
    }

    /// Sets or clears the worker of the calling thread.
    static func become(_ worker: Worker?) {
        let address = unsafe worker.map { unsafe UnsafeRawPointer(Unmanaged.passUnretained($0).toOpaque()) }
        let result = unsafe pthread_setspecific(key, address)
        precondition(result == 0, "no memory for thread-specific data is left")
    }
}
