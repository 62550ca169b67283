import Glibc

/// Whether a condition comes true within half a minute: long enough for the slowest machine, and a test that passes
/// waits no longer than it must.
func eventually(_ condition: () -> Bool) -> Bool {
    for _ in 0..<30_000 {
        if condition() { return true }
        usleep(1_000)
    }
    return condition()
}
