import Glibc
import Platform

// The errors of each operation, and what they mean. A driver reports the errno of the system call. Both drivers report
// the same error for the same cause, except where a line names one of them.

/// Why accepting ended.
enum AcceptFailure {
    /// Accepting may begin again at once: `ECANCELED` (it was cancelled), `EINTR`, `EAGAIN`, `ECONNABORTED`, and all
    /// network errors of the one connection that was accepted (accept(2), "Error handling").
    case passing
    /// The process or the system has no room for a connection: `EMFILE`, `ENFILE`, `ENOMEM`, `ENOBUFS`, and `ENOSPC`
    /// (epoll: the user has as many watches as there may be).
    case exhausted
    /// The descriptor is not a listening socket: `EBADF`, `EINVAL`, `ENOTSOCK`, `EFAULT`.
    case notListening

    init(_ code: Int32) {
        switch code {
        case EMFILE, ENFILE, ENOMEM, ENOBUFS, ENOSPC: self = .exhausted
        case EBADF, EINVAL, ENOTSOCK, EFAULT: self = .notListening
        default: self = .passing
        }
    }
}

/// Why receiving ended before the peer's FIN.
enum ReceiveFailure {
    /// Receiving may begin again: `ECANCELED` (it was cancelled), `EINTR`, `EAGAIN` (only one buffer was requested),
    /// `ENOBUFS` (io_uring: every buffer is in use).
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

/// Why no bytes were sent.
enum SendFailure {
    /// The send may be repeated: `EINTR`, `EAGAIN` (a quiet send found the socket's buffer full).
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
    /// Waiting may succeed again: the kernel has no memory, or no watch for the wake event (epoll: `ENOSPC`), or needs
    /// completions to be taken first.
    case passing
    /// Completions, or submitted operations, are lost: `EBADR`. io_uring reports it once, when it had no memory to
    /// keep completions for which the queue had no room.
    case losesOperations
    /// Waiting will not succeed again; `EBADF`, for example, means that the driver's descriptor was closed.
    case lasting

    init(_ code: Int32) {
        switch code {
        case EINTR, EAGAIN, EBUSY, ENOMEM, ENOBUFS, ENOSPC: self = .passing
        case EBADR: self = .losesOperations
        default: self = .lasting
        }
    }
}
