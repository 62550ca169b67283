import Glibc
import Platform
import Synchronization
import TestSupport
import Testing

@Suite("Process-wide state")
struct ProcessTests {
    private final class Condition: Sendable {
        let holds = Atomic<Bool>(false)
        let looks = Atomic<Int>(0)
    }

    @Test("a wait for events checks its condition after each event, and ends when it holds")
    func events() async throws {
        let condition = Condition()
        let waiting = inBackground {
            ProcessEvents.wait {
                condition.looks.add(1, ordering: .releasing)
                return condition.holds.load(ordering: .acquiring)
            }
        }
        try await onOwnThread {
            while condition.looks.load(ordering: .acquiring) < 1 { usleep(100) }
            ProcessEvents.announce()
            while condition.looks.load(ordering: .acquiring) < 2 { usleep(100) }
            condition.holds.store(true, ordering: .releasing)
            ProcessEvents.announce()
            waiting.wait()
        }
        #expect(condition.looks.load(ordering: .acquiring) >= 3)
    }

    @Test("signals are events while a value asks for that, and those before it do not count")
    func signals() async {
        await #expect(processExitsWith: .success) {
            var none = sigset_t()
            // Valid addresses for the length of each call. What starts the tests may block signals.
            unsafe sigemptyset(&none)
            unsafe pthread_sigmask(SIG_SETMASK, &none, nil)
            do {
                let first = EndingSignals()
                #expect(first.counter.count == 0)
                raise(SIGTERM)
                #expect(first.counter.count == 1)
                let second = EndingSignals()
                #expect(second.counter.count == 0)
                raise(SIGINT)
                #expect(second.counter.count == 1)
            }
            var action = sigaction()
            _ = unsafe sigaction(SIGTERM, nil, &action)
            // SIG_DFL is a null pointer.
            #expect(unsafe action.__sigaction_handler.sa_handler == nil)
        }
    }

    @Test("closed standard descriptors are opened, and open ones unchanged")
    func standardDescriptors() async {
        await #expect(processExitsWith: .success) {
            var before = stat()
            var after = stat()
            // Valid addresses for the length of each call.
            unsafe fstat(STDOUT_FILENO, &before)
            close(STDIN_FILENO)
            StandardDescriptors.fill()
            #expect(fcntl(STDIN_FILENO, F_GETFD) >= 0)
            unsafe fstat(STDOUT_FILENO, &after)
            #expect(before.st_ino == after.st_ino && before.st_dev == after.st_dev)
            unsafe fstat(STDIN_FILENO, &after)
            // /dev/null, a character device.
            #expect(after.st_mode & S_IFMT == S_IFCHR)
        }
    }

    @Test("an error describes the operation and the reason")
    func systemError() {
        #expect(SystemError("bind", code: EADDRINUSE).description == "bind: Address already in use (98)")
        #expect(SystemError.text(ENOENT) == "No such file or directory")
    }
}
