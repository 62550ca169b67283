import Glibc
import HyperServe
import Synchronization
import TestSupport
import Testing

@testable import Reactor

@Suite("Connections leave descriptors to the rest of the program")
struct DescriptorTests {
    @Test("A sixteenth, but 16 to 1,024, and a quarter at most")
    func headroom() {
        let highest: [(Int, Int32)] = [
            (0, -1), (4, 2), (40, 29), (64, 47), (256, 239), (1024, 959), (16_384, 15_359), (1_048_576, 1_047_551),
            (.max, .max),
        ]
        for (count, number) in highest {
            #expect(DescriptorLimit(count: count).highest == number, "of \(count)")
        }
    }

    @Test("The least limit that leaves a descriptor to a connection", arguments: [0, 1, 5, 29, 47, 959, 15_360])
    func least(descriptor: Int) {
        let least = DescriptorLimit.least(for: descriptor)
        #expect(DescriptorLimit(count: least).highest >= descriptor)
        #expect(DescriptorLimit(count: least - 1).highest < descriptor)
    }

    @Test("A server does not start if the rest of the program leaves no descriptor for a connection")
    func fullProgram() async {
        await #expect(processExitsWith: .success) {
            let lowest = dup(0)
            close(lowest)
            let count = Int(lowest) + 300
            var limit = rlimit(rlim_cur: rlim_t(count), rlim_max: rlim_t(count))
            #expect(unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
            let highest = DescriptorLimit(count: count).highest
            var taken: [Int32] = []
            while (taken.last ?? 0) < highest - 2 { taken.append(dup(0)) }
            let server = try Server(router: Router(), configuration: .init(port: 0, threads: 2))
            do throws(ServerError) {
                try server.start()
                Issue.record("no connection can be served")
            } catch {
                guard case .tooFewDescriptors(count, let needed) = error else { throw error }
                #expect(needed > count)
            }
            for descriptor in taken { close(descriptor) }
            try server.start()
            #expect(try RawClient(port: try #require(server.port)).get("/").status == 404)
            server.stop()
        }
    }

    // In separate processes, which may open few files.
    @Test("Handlers that use a timer for the first time get one, however many clients there are, on io_uring")
    func timersOnUring() async {
        await #expect(processExitsWith: .success) { try await DescriptorTests.crowd(.ioUring) }
    }

    @Test("Handlers that use a timer for the first time get one, however many clients there are, on epoll")
    func timersOnEpoll() async {
        await #expect(processExitsWith: .success) { try await DescriptorTests.crowd(.epoll) }
    }

    @Test("A burst of connections leaves descriptors all the time, on io_uring")
    func burstOnUring() async {
        await #expect(processExitsWith: .success) { try await DescriptorTests.burst(.ioUring) }
    }

    @Test("A burst of connections leaves descriptors all the time, on epoll")
    func burstOnEpoll() async {
        await #expect(processExitsWith: .success) { try await DescriptorTests.burst(.epoll) }
    }

    /// More clients connect than the process may have files open, while handlers keep both reactors busy.
    private static func burst(_ driver: DriverKind) async throws {
        let clients = (0..<400).map { _ in
            socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        }
        let lowest = dup(0)
        close(lowest)
        let count = rlim_t(lowest) + 150
        var limit = rlimit(rlim_cur: count, rlim_max: count)
        #expect(unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
        let events = Events()
        var router = Router()
        router.get("/") { _ in .text("ok") }
        router.get("/pause") { _ in
            usleep(500_000)
            return .text("ok")
        }
        var configuration = ServerConfiguration(port: 0, threads: 2, driver: driver)
        configuration.log = ClosureLog { events.add($0) }
        let server = try Server(router: router, configuration: configuration)
        try await server.start()
        let address = try #require(server.address)
        try await onOwnThread {
            // Each reactor gets some of these.
            let pauses = (0..<8).map { _ in RawClient(port: address.port) }
            let isOver = Atomic<Bool>(false)
            let failureCount = Atomic<Int>(0)
            let opener = inBackground {
                while !isOver.load(ordering: .relaxed) {
                    let file = unsafe open("/dev/null", O_RDONLY | O_CLOEXEC)
                    if file < 0 { failureCount.add(1, ordering: .relaxed) } else { close(file) }
                }
            }
            for pause in pauses { try pause.send("GET /pause HTTP/1.1\r\nHost: a\r\n\r\n") }
            usleep(100_000)
            for client in clients { _ = unsafe address.withSockaddr { unsafe connect(client, $0, $1) } }
            usleep(100_000)
            let request = Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
            for client in clients { _ = unsafe send(client, request, request.count, Int32(MSG_NOSIGNAL)) }
            let seenCount = { server.statistics.reduce(0) { $0 + $1.acceptedConnections + $1.shedConnections } }
            for _ in 0..<6000 where seenCount() < 400 { usleep(10_000) }
            isOver.store(true, ordering: .relaxed)
            opener.wait()
            #expect(seenCount() >= 400)
            #expect(server.statistics.reduce(0) { $0 + $1.shedConnections } > 200, "more than there is room for")
            #expect(failureCount.load(ordering: .relaxed) == 0)
            for client in clients { close(client) }
            #expect(ProcessFiles.settled(8) { server.statistics.reduce(0) { $0 + $1.openConnections } } <= 8)
            for _ in 0..<20 { #expect(try RawClient(port: address.port).get("/").text == "ok") }
        }
        await server.stop()
        #expect(
            events.all.count { $0.hasPrefix("error: connections are turned away: the process may have \(count) ") } == 1
        )
    }

    /// Connects clients until one is turned away. The system's timers need descriptors, and abort the process without.
    private static func crowd(_ driver: DriverKind) async throws {
        let lowest = dup(0)
        close(lowest)
        // The hard limit too: the server raises the soft one.
        let count = rlim_t(lowest) + 200
        var limit = rlimit(rlim_cur: count, rlim_max: count)
        #expect(unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
        let events = Events()
        var router = Router()
        router.get("/") { _ in
            while !events.all.contains("crowded") { await Task.yield() }
            try await Task.sleep(for: .milliseconds(1))
            return .text("slept")
        }
        var configuration = ServerConfiguration(port: 0, threads: 1, driver: driver)
        configuration.log = ClosureLog { events.add($0) }
        let server = try Server(router: router, configuration: configuration)
        try await server.start()
        let port = try #require(server.port)
        try await onOwnThread {
            var clients: [RawClient] = []
            while server.statistics[0].shedConnections == 0, clients.count < 200 {
                let client = RawClient(port: port)
                // A client may be turned away before it has sent anything.
                try? client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                clients.append(client)
                // The clients need descriptors of this process as well, but fewer than the server leaves free.
                while server.statistics[0].acceptedConnections + server.statistics[0].shedConnections < clients.count {
                    usleep(1000)
                }
            }
            events.add("crowded")
            let responses = clients.map { try? $0.readResponse().text }
            let sleptCount = responses.count { $0 == "slept" }
            #expect(sleptCount > 50 && sleptCount + server.statistics[0].shedConnections == responses.count)
            // Each has a descriptor of its own, in this process.
            clients = []
            #expect(ProcessFiles.settled(0) { server.statistics[0].openConnections } == 0)
            let text = try RawClient(port: port).get("/").text
            #expect(text == "slept")
        }
        await server.stop()
        let reports = events.all.filter {
            $0.hasPrefix("error: connections are turned away: the process may have \(count) ")
        }
        #expect(reports.count == 1)
    }
}
