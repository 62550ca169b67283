import Glibc
import Platform

// Which errors an operation can bring, and what they mean. A driver reports the errno of the system call; both drivers
// report the same for the same cause, but where a line names one of them.

/// Why accepting ended.
enum AcceptFailure {
    /// It may begin again at once: `ECANCELED` (it was asked to end), `EINTR`, `EAGAIN`, `ECONNABORTED`, and whatever
    /// the network reports of the one connection that was taken (accept(2), "Error handling").
    case passing
    /// The process or the system has no room for a connection: `EMFILE`, `ENFILE`, `ENOMEM`, `ENOBUFS`, and `ENOSPC`
    /// (epoll: the user has as many watches as there may be).
    case exhausted
    /// The descriptor is no listening socket, and will be none: `EBADF`, `EINVAL`, `ENOTSOCK`, `EFAULT`.
    case notListening

    init(_ code: Int32) {
        switch code {
        case EMFILE, ENFILE, ENOMEM, ENOBUFS, ENOSPC: self = .exhausted
        case EBADF, EINVAL, ENOTSOCK, EFAULT: self = .notListening
        default: self = .passing
        }
    }
}

/// Why receiving ended before the peer's end.
enum ReceiveFailure {
    /// It may begin again: `ECANCELED` (it was asked to end), `EINTR`, `EAGAIN` (one buffer was all that was asked
    /// for), `ENOBUFS` (io_uring: every buffer is in use).
    case passing
    /// The connection is lost: `ECONNRESET`, `ETIMEDOUT`, `EPIPE`, `EHOSTUNREACH`, or no memory to watch it with
    /// (epoll: `ENOMEM`, `ENOSPC`).
    case broken

    init(_ code: Int32) {
        switch code {
        case ENOBUFS, ECANCELED, EINTR, EAGAIN: self = .passing
        default: self = .broken
        }
    }
}

/// Why a send took nothing.
enum SendFailure {
    /// It may be tried again: `EINTR`, `EAGAIN` (a quiet send found the socket full).
    case passing
    /// The connection is lost: `EPIPE`, `ECONNRESET`, `ETIMEDOUT`, `EHOSTUNREACH`, or no memory to watch it with
    /// (epoll: `ENOMEM`, `ENOSPC`).
    case broken

    init(_ code: Int32) {
        switch code {
        case EINTR, EAGAIN: self = .passing
        default: self = .broken
        }
    }
}

/// Why waiting failed.
enum WaitFailure {
    /// It may work again: the kernel has no memory, or wants completions taken first.
    case passing
    /// Completions, or operations that were asked for, are lost for good: `EBADR`. io_uring reports it once, when it
    /// had no memory to keep completions for which the queue had no room.
    case losesOperations
    /// It will not work again, `EBADF` for one: something has closed the driver's descriptor.
    case lasting

    init(_ code: Int32) {
        switch code {
        case EINTR, EAGAIN, EBUSY, ENOMEM, ENOBUFS: self = .passing
        case EBADR: self = .losesOperations
        default: self = .lasting
        }
    }
}
