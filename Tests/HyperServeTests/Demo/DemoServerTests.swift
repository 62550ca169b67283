import Glibc
import HyperServe
import TestSupport
import Testing

/// The options, messages and signals of the demo server.
@Suite("Demo server")
struct DemoServerTests {
    @Test("prints its usage and its version")
    func help() throws {
        for (option, start) in [
            ("--help", "Usage: hyperserve [options]\n"), ("-h", "Usage:"), ("--version", "hyperserve "),
        ] {
            let demo = try DemoServer(option)
            #expect(try demo.waitForExit() == 0)
            #expect(demo.output.hasPrefix(start) && demo.errors.isEmpty)
        }
    }

    @Test(
        "rejects unknown and invalid options with the reason and the usage",
        arguments: [
            (["--nonsense"], "unknown option --nonsense"), (["file"], "unknown option file"),
            (["--port"], "--port needs a value"),
            (["--port", "http"], "--port takes a number from 0 to 65535, not http"),
            (["--port=65536"], "--port takes a number from 0 to 65535, not 65536"),
            (["--port", "-1"], "--port takes a number from 0 to 65535, not -1"),
            (["--threads", "0"], "--threads takes a number from 1 to 1024, not 0"),
            (["--listen", "127.0.0.1:80"], "--listen takes http://HOST:PORT or unix:PATH, not 127.0.0.1:80"),
            (["--listen=http://a"], "--listen takes http://HOST:PORT or unix:PATH, not http://a"),
            (["--listen=http://:80"], "--listen takes http://HOST:PORT or unix:PATH, not http://:80"),
            (["--listen=http://::1:80"], "--listen takes http://HOST:PORT or unix:PATH, not http://::1:80"),
            (["--listen=http://[::1]"], "--listen takes http://HOST:PORT or unix:PATH, not http://[::1]"),
            (["--listen=http://a:65536"], "--listen takes http://HOST:PORT or unix:PATH, not http://a:65536"),
            (["--listen=http://a:80/b"], "--listen takes http://HOST:PORT or unix:PATH, not http://a:80/b"),
            (["--listen=https://a:443"], "--listen does not support https:// yet"),
            (["--listen=h2c://a:80"], "--listen does not support h2c:// yet"),
            (
                ["--listen=http://a:80", "--port=80"],
                "--listen can't be combined with --host or --port"
            ),
            (["--driver=kqueue"], "--driver takes auto, io_uring or epoll, not kqueue"),
        ])
    func badOptions(arguments: [String], reason: String) throws {
        let demo = try arguments.count == 1 ? DemoServer(arguments[0]) : DemoServer(arguments[0], arguments[1])
        #expect(try demo.waitForExit() == 2)
        #expect(demo.errors.hasPrefix("hyperserve: \(reason)\nUsage: "))
        #expect(demo.output.isEmpty)
    }

    @Test("listens on all addresses that are given, and prints them", arguments: DriverKind.allCases)
    func listens(driver: DriverKind) throws {
        let folder = TemporaryFolder()
        let path = folder.file("demo.sock")
        let demo = try DemoServer(
            "--driver=\(driver.rawValue)", "--threads=2", "--listen", "unix:\(path)", "--listen=http://[::1]:0",
            "--listen",
            "http://127.0.0.1:0")
        let client = RawClient(port: try demo.port())
        #expect(demo.output.hasPrefix("hyperserve listening on unix:\(path), http://[::1]:"))
        #expect(try client.get("/health").text == "ok")
        #expect(try RawClient(to: .unix(path: path)).get("/health").text == "ok")
        // A second server on the same path.
        let other = try DemoServer("--listen=unix:\(path)")
        #expect(try other.waitForExit() == 1)
        #expect(other.errors == "hyperserve: unix:\(path) is in use by another server; choose another path\n")
        demo.signal(SIGTERM)
        #expect(try demo.waitForExit() == 0)
        #expect(demo.errors == "" && folder.names == [])
    }

    @Test("replaces the socket file of a server that was killed")
    func takesPathOver() throws {
        let folder = TemporaryFolder()
        let path = folder.file("demo.sock")
        for signal in [SIGKILL, SIGTERM] {
            let demo = try DemoServer("--threads=1", "--listen=unix:\(path)", "--listen=http://127.0.0.1:0")
            _ = try demo.port()
            #expect(try RawClient(to: .unix(path: path)).get("/health").text == "ok")
            demo.signal(signal)
            #expect(try demo.waitForExit() == (signal == SIGTERM ? 0 : -signal))
            #expect(folder.names == (signal == SIGTERM ? [] : ["demo.sock"]))
        }
    }

    @Test("rejects an empty host, such as a shell passes for an unset variable")
    func emptyHost() throws {
        let demo = try DemoServer("--host=")
        #expect(try demo.waitForExit() == 1)
        #expect(demo.errors.hasPrefix("hyperserve: the configuration is invalid: host is empty"))
    }

    @Test(
        "serves its routes, and ends with success on both signals", arguments: DriverKind.allCases, [SIGTERM, SIGINT])
    func serves(driver: DriverKind, signal: Int32) throws {
        let demo = try DemoServer("--port=0", "--threads", "2", "--driver", driver.rawValue)
        let client = RawClient(port: try demo.port())
        #expect(demo.output.hasPrefix("hyperserve listening on http://127.0.0.1:"))
        #expect(demo.output.hasSuffix(" (driver \(driver.rawValue), 2 threads)\n"))
        #expect(try client.get("/").text == "Hello, World!")
        #expect(try client.get("/hello/w%C3%B6rld").text == "Hello, wörld")
        #expect(try client.get("/health").text == "ok")
        #expect(try client.get("/json").text.hasPrefix(#"{"message":"Hello, World!","time":"#))
        for path in ["/", "/echo"] {
            try client.send("POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello")
            #expect(try client.readResponse().text == "hello")
        }
        demo.signal(signal)
        #expect(try demo.waitForExit() == 0)
        #expect(demo.errors == "")
    }

    @Test("may be stopped as soon as it prints that it is listening")
    func endsAtOnce() throws {
        for _ in 0..<10 {
            let demo = try DemoServer("--port=0", "--threads=1")
            _ = try demo.port()
            demo.signal(SIGTERM)
            #expect(try demo.waitForExit() == 0)
        }
    }

    @Test("ends with one sentence when it can't listen", arguments: DriverKind.allCases)
    func cannotListen(driver: DriverKind) throws {
        let first = try DemoServer("--port=0", "--driver", driver.rawValue)
        let port = try first.port()
        for (arguments, sentence) in [
            (["--port", "\(port)"], "127.0.0.1:\(port) is in use by another server; choose another port"),
            (["--host", "192.0.2.1"], "cannot listen: 192.0.2.1 is not an address of this machine"),
            (["--host", "1::2::3"], "cannot listen: 1::2::3 is not an address: "),
        ] {
            let second = try DemoServer(arguments[0], arguments[1], "--driver", driver.rawValue)
            #expect(try second.waitForExit() == 1)
            #expect(second.errors.hasPrefix("hyperserve: \(sentence)"))
            #expect(second.errors.split(separator: "\n").count == 1, "one sentence: \(second.errors)")
            #expect(second.output.isEmpty)
        }
    }

    @Test(
        "prints how many files it needs to open, and serves with that limit",
        arguments: DriverKind.allCases, [1, 2, 4])
    func noDescriptors(driver: DriverKind, threadCount: Int) throws {
        var limit = 4
        while true {
            let demo = try DemoServer(
                "--port=0", "--threads=\(threadCount)", "--driver", driver.rawValue, descriptorLimit: limit)
            if let port = try? demo.port() {
                // There is room for one connection at a time.
                for _ in 0..<3 {
                    let isServed = (0..<500).contains { _ in
                        if (try? RawClient(port: port).get("/health").status) == 200 { return true }
                        usleep(10_000)
                        return false
                    }
                    #expect(isServed)
                }
                demo.signal(SIGTERM)
                #expect(try demo.waitForExit() == 0)
                break
            }
            #expect(try demo.waitForExit() == 1)
            let few = "hyperserve: the process may have \(limit) files open, and needs at least "
            let rest = " to serve a connection; raise the limit with ulimit -n\n"
            if demo.errors.hasPrefix(few), demo.errors.hasSuffix(rest) {
                let needed = try #require(Int(demo.errors.dropFirst(few.count).dropLast(rest.count)))
                #expect(needed > limit)
                limit = needed
            } else {
                #expect(
                    demo.errors == "hyperserve: cannot listen: too many open files; raise the limit with ulimit -n\n")
                limit += 1
            }
        }
        // The server's own descriptors, and a quarter of the limit.
        #expect(limit > 8)
    }

    @Test("turns connections away without spinning when it is out of descriptors, and serves again later")
    func outOfDescriptors() throws {
        for driver in DriverKind.allCases {
            let demo = try DemoServer("--port=0", "--threads=1", "--driver", driver.rawValue, descriptorLimit: 40)
            let port = try demo.port()
            do {
                let clients = (0..<60).map { _ in
                    let client = RawClient(port: port)
                    // A client may be turned away before it has sent anything.
                    try? client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                    return client
                }
                let responses = clients.map { try? $0.readResponse().status }
                #expect(responses.prefix(20).allSatisfy { $0 == 200 })
                #expect(responses.contains(nil), "some connections are turned away")
                let before = try #require(demo.processorTicks)
                usleep(1_000_000)
                #expect(try #require(demo.processorTicks) - before < 20, "it waits instead of spinning")
                #expect(try clients[0].get("/").status == 200)
            }
            #expect(
                (0..<50).contains { _ in
                    usleep(50_000)
                    return (try? RawClient(port: port).get("/").status) == 200
                })
            demo.signal(SIGTERM)
            #expect(try demo.waitForExit() == 0)
        }
    }

    @Test("continues when nobody reads its output", arguments: DriverKind.allCases)
    func brokenPipes(driver: DriverKind) throws {
        // Writing to either stream raises SIGPIPE: the start line, and the report of a rejected request.
        let port = try DemoServerTests.freePort()
        let demo = try DemoServer(
            "--host", LoopbackAddress.unheard.text, "--port", "\(port)", "--driver", driver.rawValue, hasReader: false)
        let isThere = (0..<200).contains { _ in
            usleep(20_000)
            return (try? RawClient(connectingTo: port, at: .unheard)) != nil
        }
        try #require(isThere)
        let client = RawClient(port: port, at: .unheard)
        try client.send("NONSENSE * HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try client.readResponse().status == 501)
        demo.signal(SIGPIPE)
        #expect(try RawClient(port: port, at: .unheard).get("/").status == 200)
        demo.signal(SIGTERM)
        #expect(try demo.waitForExit() == 0)
    }

    /// A port that was free a moment ago.
    private static func freePort() throws -> Int {
        let server = try Server(
            router: Router(), configuration: .init(host: LoopbackAddress.unheard.text, port: 0, threads: 1))
        try server.start()
        defer { server.stop() }
        return server.port!
    }
}

extension DemoServer {
    /// The processor time of the process, in hundredths of a second.
    fileprivate var processorTicks: Int? {
        guard let file = unsafe fopen("/proc/\(processID)/stat", "r") else { return nil }
        defer { unsafe fclose(file) }
        var bytes = [CChar](repeating: 0, count: 1024)
        guard unsafe fgets(&bytes, 1024, file) != nil else { return nil }
        let line = String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        // utime and stime, fields 14 and 15; the name in parentheses may contain spaces.
        let fields = line.split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 12, let user = Int(fields[11]), let system = Int(fields[12]) else { return nil }
        return user + system
    }
}
