import Glibc
import HyperServe
import TestSupport
import Testing

/// The start of a server in unusual environments.
@Suite("A starting process")
struct StartingTests {
    @Test(
        "Of two that start at the same moment on one port, one serves and one reports the error", arguments: [1, 2])
    func contested(threads: Int) async throws {
        try await onOwnThread {
            for port in 20_000 + threads * 100..<20_020 + threads * 100 {
                let host = LoopbackAddress.ofThisProcess.text
                let arguments = ["--host", host, "--port", "\(port)", "--threads=\(threads)"]
                let demos = try (0..<2).map { _ in try DemoServer(arguments: arguments) }
                let ports = demos.map { try? $0.port() }
                #expect(ports.compactMap { $0 } == [port])
                for (demo, own) in zip(demos, ports) {
                    if own != nil { demo.signal(SIGTERM) }
                    #expect(try demo.waitForExit() == (own == nil ? 1 : 0))
                    let reason =
                        "\(host):\(port) is in use by another server; choose another port"
                    #expect(demo.errors == (own == nil ? "hyperserve: \(reason)\n" : ""))
                }
            }
        }
    }

    @Test(
        "Started where there is no /dev/null, it serves", .enabled(if: geteuid() == 0, "only root may chroot"),
        .enabled(if: Sanitizer.current != .address, "its search for leaks needs /proc"))
    func noDevices() async {
        let folder = "/tmp/hyperserve-empty-\(getpid())"
        #expect(unsafe mkdir(folder, 0o755) == 0)
        defer { unsafe rmdir(folder) }
        await #expect(processExitsWith: .success) { [folder = folder as String] in
            let server = try Server(router: Router(), configuration: .init(port: 0, threads: 2))
            try #require(unsafe chroot(folder) == 0)
            try server.start()
            try #require(server.port != nil)
            server.stop()
        }
    }

    @Test("Started without standard streams, it has none that is a socket", arguments: DriverKind.allCases)
    func closedStreams(driver: DriverKind) async throws {
        try await onOwnThread {
            let kinds = ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"]
            for (number, closed) in kinds.enumerated() {
                let port = 20_000 + number + (driver == .epoll ? kinds.count : 0)
                let demo = try DemoServer(
                    "--host", LoopbackAddress.ofThisProcess.text, "--port=\(port)", "--threads=1", "--driver",
                    driver.rawValue, under: ["/bin/sh", "-c", "exec \"$0\" \"$@\" \(closed)"])
                let isThere = (0..<500).contains { _ in
                    usleep(20_000)
                    return (try? RawClient(connectingTo: port, at: .ofThisProcess).get("/health").text) == "ok"
                }
                #expect(isThere)
                let redirections = closed.split(separator: " ")
                for (descriptor, redirection) in kinds.prefix(3).enumerated()
                where redirections.contains(Substring(redirection)) {
                    #expect(Self.file(descriptor, of: demo.processID) == "/dev/null", "\(descriptor) with \(closed)")
                }
                demo.signal(SIGTERM)
                #expect(try demo.waitForExit() == 0)
            }
        }
    }

    /// The file of a descriptor of a process.
    private static func file(_ descriptor: Int, of process: pid_t) -> String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = unsafe readlink("/proc/\(process)/fd/\(descriptor)", &buffer, buffer.count - 1)
        return String(decoding: buffer[..<max(0, count)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
