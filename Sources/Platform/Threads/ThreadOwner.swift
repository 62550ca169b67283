import Glibc

/// Which object a thread works for, as a mark on the thread itself: it needs no lock, and is there from the thread's
/// first instruction to its last.
package enum ThreadOwner {
    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        let result = unsafe pthread_key_create(&key, nil)
        precondition(result == 0, "no key is left for thread-specific data")
        return key
    }()

    /// Marks the calling thread as working for an object, until the thread ends.
    package static func mark(_ owner: ObjectIdentifier) {
        // Only compared, never read through.
        let result = unsafe pthread_setspecific(key, UnsafeRawPointer(bitPattern: Int(bitPattern: owner)))
        precondition(result == 0, "no memory is left for thread-specific data")
    }

    /// Whether the calling thread works for this object.
    package static func isCurrent(_ owner: AnyObject) -> Bool {
        Int(bitPattern: unsafe pthread_getspecific(key)) == Int(bitPattern: ObjectIdentifier(owner))
    }
}
