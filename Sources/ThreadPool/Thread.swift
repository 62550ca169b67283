import CPlatform
import Glibc

/// A kernel thread that nobody joins.
package enum Thread {
    private final class Start {
        let name: String
        let processor: Int?
        let body: @Sendable () -> Void

        init(name: String, processor: Int?, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.processor = processor
            self.body = body
        }
    }

    /// Starts a thread that runs `body`, under a name of which Linux keeps 15 bytes, and bound to `processor` if that
    /// is given and allowed. Returns 0, or the errno of the failure.
    package static func start(named name: String, on processor: Int?, _ body: @escaping @Sendable () -> Void) -> Int32 {
        var attributes = pthread_attr_t()
        // Valid addresses, for the length of each call; the start belongs to the thread as soon as there is one.
        unsafe pthread_attr_init(&attributes)
        defer { unsafe pthread_attr_destroy(&attributes) }
        unsafe pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        let start = unsafe Unmanaged.passRetained(Start(name: name, processor: processor, body: body))
        var thread = pthread_t()
        let result = unsafe pthread_create(&thread, &attributes, Thread.main, start.toOpaque())
        if result != 0 { unsafe start.release() }
        return result
    }

    private static let main: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { argument in
        // The one that `start` retained for this thread.
        guard let argument = unsafe argument else { return nil }
        let start = unsafe Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
        unsafe start.name.withCString { name in unsafe hs_thread_set_name(name) }
        // A processor that is not allowed any more is no reason not to run.
        if let processor = start.processor { _ = hs_thread_set_affinity(UInt32(processor)) }
        start.body()
        return nil
    }
}
