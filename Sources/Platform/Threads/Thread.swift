import CPlatform
import Glibc

/// A kernel thread. It runs to its end, whether or not this value is kept to wait for it.
package struct Thread: ~Copyable, Sendable {
    /// Valid until `join`, or until `deinit` detaches the thread.
    private let handle: pthread_t

    /// The arguments of the new thread.
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

    /// Starts a thread that runs `body`, with a name of which Linux keeps 15 bytes, bound to `processor` if that is
    /// given and allowed.
    package init(
        named name: String, on processor: Int? = nil, _ body: @escaping @Sendable () -> Void
    ) throws(SystemError) {
        // The arguments belong to the thread once it is started.
        let start = unsafe Unmanaged.passRetained(Start(name: name, processor: processor, body: body))
        var thread = pthread_t()
        let failure = unsafe pthread_create(&thread, nil, Thread.main, start.toOpaque())
        guard failure == 0 else {
            unsafe start.release()
            throw SystemError("pthread_create", code: failure)
        }
        handle = thread
    }

    deinit { pthread_detach(handle) }

    /// Waits until the thread has ended. Must not be called by the thread itself, nor by one that it waits for.
    package consuming func join() {
        let status = pthread_join(handle, nil)
        precondition(status == 0, "a thread can't wait for its own end")
        discard self
    }

    private static let main: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { argument in
        // Retained for this thread by `init`.
        guard let argument = unsafe argument else { return nil }
        let start = unsafe Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
        unsafe start.name.withCString { name in unsafe hs_thread_set_name(name) }
        // If the processor is not allowed any more, the thread runs on another one.
        if let processor = start.processor { _ = hs_thread_set_affinity(UInt32(processor)) }
        start.body()
        return nil
    }
}

extension Thread {
    /// A number of the calling thread, which no other thread has while it runs.
    package static var currentNumber: UInt { UInt(pthread_self()) }

    /// Lets other threads run first.
    package static func yield() { sched_yield() }

    /// Blocks the calling thread for a while.
    package static func sleep(microseconds: UInt32) { usleep(microseconds) }
}
