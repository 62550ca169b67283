/// Calls `body`, and keeps an object in memory until it returns, although the caller of the caller does not.
///
/// For `enqueue` of an executor. The Swift runtime calls it without retaining the executor, which only the job keeps
/// alive. As soon as another thread can take the job, that may run it, end the task, and release the executor, while
/// `enqueue` still uses it. A local variable would not help: callers keep the object of a method alive as a rule, so
/// the optimizer leaves out the retain.
package func retaining(_ object: AnyObject, _ body: () -> Void) {
    let address = unsafe retain(object)
    body()
    // The reference that `retain` has added.
    unsafe Unmanaged<AnyObject>.fromOpaque(address).release()
}

/// Adds a reference to an object.
// Not inlined: the optimizer must not see that a release follows, or it would remove both.
@unsafe @inline(never)
private func retain(_ object: AnyObject) -> UnsafeMutableRawPointer {
    unsafe Unmanaged.passRetained(object).toOpaque()
}
