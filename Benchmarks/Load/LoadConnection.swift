/// A connection of the generator, with at most one request in progress.
struct LoadConnection {
    enum State {
        /// There is no socket: the last attempt failed.
        case down
        case connecting
        case idle
        /// A request is in progress: its number, and how many of its bytes the kernel has taken.
        case busy(request: Int, sentByteCount: Int)
    }

    /// -1 while there is none.
    var descriptor: Int32 = -1
    var state = State.down
    var reader: ResponseReader
}
