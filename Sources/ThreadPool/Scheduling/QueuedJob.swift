/// A job in a queue: its address, with one reference to it that passes to the thread that takes the address.
///
/// No other thread may touch the object, not even its reference count, whose cache line the next thread has already.
@safe
struct QueuedJob: Sendable {
    /// The word in the queue.
    let word: UInt

    /// Creates a value from a word that was taken from a queue.
    init(word: UInt) {
        self.word = word
    }

    /// Creates a value that owns the caller's reference.
    init(_ job: consuming ThreadPool.Job) {
        unsafe word = UInt(bitPattern: Unmanaged.passRetained(job).toOpaque())
    }

    /// The time at which the job was submitted if its wait is measured, otherwise 0. Not while the job is queued.
    var submittedAtNanoseconds: Int64 {
        get { unsafe reference._withUnsafeGuaranteedRef { $0.submittedAtNanoseconds } }
        nonmutating set { unsafe reference._withUnsafeGuaranteedRef { $0.submittedAtNanoseconds = newValue } }
    }

    /// Returns the job with its reference. To be called once.
    consuming func take() -> ThreadPool.Job {
        unsafe reference.takeRetainedValue()
    }

    private var reference: Unmanaged<ThreadPool.Job> {
        guard let address = unsafe UnsafeRawPointer(bitPattern: word) else { preconditionFailure("not a job") }
        // The word came from `init(_:)`, and its reference was not returned yet.
        return unsafe Unmanaged.fromOpaque(address)
    }
}
