import Glibc

/// Which worker the calling thread is, if any.
enum CurrentWorker {
    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        let result = unsafe pthread_key_create(&key, nil)
        precondition(result == 0, "no key is left for thread-specific data")
        return key
    }()

    /// The worker of `scheduler` that the calling thread is.
    static func of(_ scheduler: Scheduler) -> Worker? {
        guard let address = unsafe pthread_getspecific(key) else { return nil }
        // Set by `become` for as long as the thread has the worker, which its scheduler keeps alive.
        let worker = unsafe Unmanaged<Worker>.fromOpaque(address).takeUnretainedValue()
        // A job of one pool may submit to another.
        return worker.scheduler == ObjectIdentifier(scheduler) ? worker : nil
    }

    /// Makes the calling thread `worker`, or nobody.
    static func become(_ worker: Worker?) {
        let address = unsafe worker.map { unsafe UnsafeRawPointer(Unmanaged.passUnretained($0).toOpaque()) }
        let result = unsafe pthread_setspecific(key, address)
        precondition(result == 0, "no memory is left for thread-specific data")
    }
}
