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

    /// When the job was submitted. Not while the job is queued.
    var submission: Submission {
        get { unsafe reference._withUnsafeGuaranteedRef { $0.submission } }
        nonmutating set { unsafe reference._withUnsafeGuaranteedRef { $0.submission = newValue } }
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

/// When a job was submitted.
struct Submission {
    /// Of the monotonic clock, but for the lowest bit: whether the wait is measured.
    private var bits: Int64 = 0

    init() {}

    init(nanoseconds: Int64, isMeasured: Bool) {
        bits = nanoseconds & ~1 | (isMeasured ? 1 : 0)
    }

    /// 0 if nobody needs it.
    var nanoseconds: Int64 { bits & ~1 }
    var isMeasured: Bool { bits & 1 != 0 }
}
