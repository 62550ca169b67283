import Glibc
import HyperServe
import Platform
import TestSupport
import Testing

/// The demo server with system calls that fail, as injected by strace.
@Suite(
    "A kernel whose system calls fail",
    .enabled(if: Command.canTrace, "strace is missing, or may not trace"),
    .enabled(if: Sanitizer.current == nil, "the sanitizers don't work under strace"))
struct InjectedFailureTests {
    /// The system call with which a driver waits.
    private static func call(_ driver: DriverKind) -> String {
        driver == .ioUring ? "io_uring_enter" : "epoll_wait"
    }

    /// A demo server whose two reactors meet `failure` as `moments` says, in calls that each of them counts.
    private static func serve(
        _ driver: DriverKind, _ call: String, _ failure: String, when moments: String,
        at places: [String] = ["--port=0"]
    ) throws -> DemoServer {
        try DemoServer(
            arguments: places + ["--threads=2", "--driver", driver.rawValue],
            under: [
                "strace", "-D", "-f", "-o", "/dev/null", "-e", "trace=\(call)", "-e",
                "inject=\(call):error=\(failure):when=\(moments)",
            ])
    }

    @Test(
        "It continues when the kernel occasionally lacks memory", arguments: DriverKind.allCases, ["ENOMEM", "EAGAIN"])
    func passes(driver: DriverKind, failure: String) async throws {
        try await onOwnThread {
            let demo = try Self.serve(driver, Self.call(driver), failure, when: "5+3")
            let port = try demo.port()
            let kept = RawClient(port: port)
            for _ in 0..<20 {
                #expect(try kept.get("/blocking").text == "Hello, World!")
                #expect(try RawClient(port: port).get("/health").text == "ok")
            }
            demo.signal(SIGTERM)
            #expect(try demo.waitForExit() == 0)
            let code = failure == "ENOMEM" ? ENOMEM : EAGAIN
            let error = SystemError(Self.call(driver), code: code)
            let line = "Z error: a reactor could not wait for events and tries again error=\"\(error)\"\n"
            #expect(demo.errors.contains(line), "\(demo.errors)")
            #expect(demo.errors.split(separator: "\n").count <= 2, "once for each reactor: \(demo.errors)")
        }
    }

    @Test("It continues without the connections whose completions the kernel has lost")
    func losesCompletions() async throws {
        try await onOwnThread {
            let demo = try Self.serve(.ioUring, "io_uring_enter", "EBADR", when: "15+15")
            let port = try demo.port()
            var servedCount = 0
            for _ in 0..<60 where (try? RawClient(port: port).get("/blocking").text) == "Hello, World!" {
                servedCount += 1
            }
            #expect(servedCount >= 30)
            demo.signal(SIGTERM)
            #expect(try demo.waitForExit() == 0)
            let line = "Z error: operations were lost; a reactor closes its connections and goes on error="
            #expect(demo.errors.contains(line))
        }
    }

    @Test("After losing completions, or without descriptors, each listener continues", arguments: DriverKind.allCases)
    func everyListener(driver: DriverKind) async throws {
        try await onOwnThread {
            let folder = TemporaryFolder()
            let path = folder.file("demo.sock")
            let places = ["--listen=unix:\(path)", "--listen=http://127.0.0.1:0"]
            let (call, failure) = driver == .ioUring ? ("io_uring_enter", "EBADR") : ("accept4", "EMFILE")
            let demo = try Self.serve(
                driver, call, failure, when: driver == .ioUring ? "15+15" : "2+7", at: places)
            let port = try demo.port()
            var served = [0, 0]
            for _ in 0..<40 {
                let clients = [try RawClient(to: .unix(path: path)), RawClient(port: port)]
                for (index, client) in clients.enumerated() {
                    if (try? client.get("/blocking").text) == "Hello, World!" { served[index] += 1 }
                }
            }
            #expect(served.allSatisfy { $0 >= 15 }, "\(served)")
            demo.signal(SIGTERM)
            #expect(try demo.waitForExit() == 0)
            #expect(demo.errors.contains(driver == .ioUring ? "operations were lost" : "connections are turned away"))
            #expect(folder.names == [])
        }
    }

    @Test(
        "It ends with the reason when a reactor can't continue, at once or after five seconds of failures",
        arguments: DriverKind.allCases, [("EBADF", "9"), ("ENOMEM", "12+")])
    func ends(driver: DriverKind, failure: (name: String, moments: String)) async throws {
        try await onOwnThread {
            let demo = try Self.serve(driver, Self.call(driver), failure.name, when: failure.moments)
            let port = try demo.port()
            // Until one of the reactors fails.
            var count = 0
            while count < 500, (try? RawClient(connectingTo: port).get("/health")) != nil { count += 1 }
            #expect(try demo.waitForExit() == 1)
            let error = SystemError(Self.call(driver), code: failure.name == "EBADF" ? EBADF : ENOMEM)
            #expect(demo.errors.contains("Z critical: a reactor failed, and the server stops error=\"\(error)\"\n"))
            #expect(demo.errors.contains("hyperserve: a reactor failed while the server was running: \(error)\n"))
        }
    }

    @Test("A connection that can't be watched is closed, and the listener continues")
    func cannotWatch() async throws {
        try await onOwnThread {
            // The wake event, the listener, and then the connections.
            let demo = try Self.serve(.epoll, "epoll_ctl", "ENOSPC", when: "3+2")
            let port = try demo.port()
            var failedCount = 0
            for _ in 0..<20 where (try? RawClient(port: port).get("/health").text) != "ok" { failedCount += 1 }
            #expect(failedCount > 0 && failedCount < 20)
            demo.signal(SIGTERM)
            #expect(try demo.waitForExit() == 0)
        }
    }

    @Test("The reason why connections are turned away is logged once for all reactors, and only if there are any")
    func turnsAway() async throws {
        try await onOwnThread {
            let demo = try Self.serve(.epoll, "accept4", "ENFILE", when: "1")
            let port = try demo.port()
            var failedCount = 0
            for _ in 0..<20 where (try? RawClient(port: port).get("/health").text) != "ok" { failedCount += 1 }
            #expect(failedCount > 0 && failedCount < 20)
            demo.signal(SIGTERM)
            #expect(try demo.waitForExit() == 0)
            #expect(
                demo.errors.hasSuffix(
                    "Z error: connections are turned away: the system has as many files open as it may have; raise "
                        + "fs.file-max, or lower maximumConnections\n"))
            // For the listeners, while no client is waiting.
            let idle = try Self.serve(.epoll, "epoll_ctl", "ENOMEM", when: "1")
            _ = try idle.port()
            usleep(500_000)
            #expect(try RawClient(port: try idle.port()).get("/health").text == "ok")
            idle.signal(SIGTERM)
            #expect(try idle.waitForExit() == 0)
            #expect(idle.errors == "")
        }
    }

    @Test("A listener that can't be watched is tried again", arguments: ["1", "2"])
    func watchesLater(moment: String) async throws {
        try await onOwnThread {
            let demo = try Self.serve(.epoll, "epoll_ctl", "ENOMEM", when: moment)
            let port = try demo.port()
            // Clients that wait while it is not watched are turned away.
            _ = try? RawClient(port: port).get("/health")
            usleep(300_000)
            for _ in 0..<10 { #expect(try RawClient(port: port).get("/blocking").text == "Hello, World!") }
            demo.signal(SIGTERM)
            #expect(try demo.waitForExit() == 0)
        }
    }
}
