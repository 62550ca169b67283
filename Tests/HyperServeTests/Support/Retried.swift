import Glibc

/// The result of a system call that is made again when it was interrupted: a thread that has had a ring is, when the
/// kernel takes that ring apart, and calls with a time limit then return.
func retried<Result: SignedInteger>(_ call: () -> Result) -> Result {
    while true {
        let result = call()
        if result >= 0 || errno != EINTR { return result }
    }
}
