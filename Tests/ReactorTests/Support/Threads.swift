import Glibc

/// Runs `body` on a thread of its own, to be joined.
func startThread(_ body: @escaping @Sendable () -> Void) -> pthread_t? {
    final class Work: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    // The thread takes over the reference that is retained here.
    let status = unsafe pthread_create(
        &thread, nil,
        { argument in
            unsafe Unmanaged<Work>.fromOpaque(argument!).takeRetainedValue().body()
            return nil
        }, Unmanaged.passRetained(Work(body)).toOpaque())
    return status == 0 ? thread : nil
}
