import Glibc
import Testing

@testable import Reactor

/// What an error of an operation means.
@Suite("Failures of operations")
struct FailureTableTests {
    @Test("of an accept pass, or come from missing room, or from a socket that doesn't listen")
    func accept() {
        for code in [ECANCELED, EINTR, EAGAIN, ECONNABORTED, EPROTO, ENETDOWN] {
            #expect(AcceptFailure(code) == .passing)
        }
        for code in [EMFILE, ENFILE, ENOMEM, ENOBUFS, ENOSPC] { #expect(AcceptFailure(code) == .exhausted) }
        for code in [EBADF, EINVAL, ENOTSOCK, EFAULT] { #expect(AcceptFailure(code) == .notListening) }
    }

    @Test("of a receive pass, or break the connection")
    func receive() {
        for code in [ECANCELED, EINTR, EAGAIN, ENOBUFS] { #expect(ReceiveFailure(code) == .passing) }
        for code in [ECONNRESET, ETIMEDOUT, EPIPE, EHOSTUNREACH, ENOMEM, EBADF] {
            #expect(ReceiveFailure(code) == .broken)
        }
    }

    @Test("of a send pass, or break the connection")
    func send() {
        for code in [EINTR, EAGAIN] { #expect(SendFailure(code) == .passing) }
        for code in [ECONNRESET, ETIMEDOUT, EPIPE, ENOBUFS, ECANCELED, ENOMEM] { #expect(SendFailure(code) == .broken) }
    }

    @Test("of a wait pass, lose operations, or last")
    func wait() {
        for code in [EINTR, EAGAIN, EBUSY, ENOMEM, ENOBUFS, ENOSPC] { #expect(WaitFailure(code) == .passing) }
        #expect(WaitFailure(EBADR) == .losesOperations)
        for code in [EBADF, EINVAL, EFAULT] { #expect(WaitFailure(code) == .lasting) }
    }
}
