/// A job as the queues hold it: its address, with one reference to it that whoever takes the address takes over.
///
/// Nobody but its holder may touch the object, not even its reference count: the next thread's cache has it already.
@safe
struct QueuedJob: Sendable {
    /// What is put into a queue, and comes out of it.
    let word: UInt

    /// From a queue, which gave it to nobody else.
    init(word: UInt) {
        self.word = word
    }

    /// Takes over the caller's reference.
    init(_ job: consuming ThreadPool.Job) {
        unsafe word = UInt(bitPattern: Unmanaged.passRetained(job).toOpaque())
    }

    /// When the job was submitted, if its wait is measured, else 0. Before the job is queued, or after.
    var submittedAtNanoseconds: Int64 {
        get { unsafe reference._withUnsafeGuaranteedRef { $0.submittedAtNanoseconds } }
        nonmutating set { unsafe reference._withUnsafeGuaranteedRef { $0.submittedAtNanoseconds = newValue } }
    }

    /// Gives the reference back. Once.
    consuming func take() -> ThreadPool.Job {
        unsafe reference.takeRetainedValue()
    }

    private var reference: Unmanaged<ThreadPool.Job> {
        guard let address = unsafe UnsafeRawPointer(bitPattern: word) else { preconditionFailure("not a job") }
        // The word came from `init(_:)`, and its reference has not been given back.
        return unsafe Unmanaged.fromOpaque(address)
    }
}
