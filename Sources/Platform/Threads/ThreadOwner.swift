import Glibc

/// Which objects a thread works for, as marks on the thread itself. They need no lock.
package enum ThreadOwner {
    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        let result = unsafe pthread_key_create(&key, nil)
        precondition(result == 0, "no key is left for thread-specific data")
        return key
    }()

    /// A mark, on the stack of its thread. Work for one object may include work for another, which has a mark inside.
    @safe
    private struct Mark {
        let owner: ObjectIdentifier
        /// The mark around this one, whose function returns later.
        let outer: UnsafePointer<Mark>?
    }

    /// The innermost mark of the calling thread.
    private static var current: UnsafePointer<Mark>? {
        // Only `mark` sets it, to a mark that is still there.
        unsafe UnsafePointer(pthread_getspecific(key)?.assumingMemoryBound(to: Mark.self))
    }

    /// Marks the calling thread as working for an object while `body` runs, which begins and ends on it.
    package static func mark<Result, Failure: Error>(
        _ owner: ObjectIdentifier, while body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let outer = unsafe current
        // The mark stays in place until `body` has returned, and then the outer one is the innermost again.
        return try unsafe withUnsafePointer(to: unsafe Mark(owner: owner, outer: outer)) {
            (mark) throws(Failure) in
            let result = unsafe pthread_setspecific(key, mark)
            precondition(result == 0, "no memory is left for thread-specific data")
            defer { _ = unsafe pthread_setspecific(key, outer) }
            return try body()
        }
    }

    /// Whether the calling thread works for this object.
    package static func isCurrent(_ owner: AnyObject) -> Bool {
        var next = unsafe current
        // Each mark is on the stack of this thread, below the calling function.
        while let mark = unsafe next {
            if unsafe mark.pointee.owner == ObjectIdentifier(owner) { return true }
            unsafe next = mark.pointee.outer
        }
        return false
    }
}
