import Glibc
import HyperServeTesting
import TestSupport
import Testing

@testable import HyperServe

/// A change of the default configuration.
struct ConfigurationChange: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let apply: @Sendable (inout ServerConfiguration) -> Void

    init(_ description: String, _ apply: @escaping @Sendable (inout ServerConfiguration) -> Void) {
        testDescription = description
        self.apply = apply
    }
}

/// No configuration traps: a value is reported when the server starts, or it works.
@Suite("The server's configuration")
struct ConfigurationTests {
    @Test("Always leaves room to receive a whole head", arguments: [(0, 1000, 1000), (5000, 1000, 5000)])
    func headFits(pipelined: Int, head: Int, received: Int) {
        var configuration = ServerConfiguration(port: 0)
        configuration.maximumPipelinedByteCount = pipelined
        configuration.maximumHeadByteCount = head
        #expect(configuration.reactors.connections.buffers.inputHighWaterByteCount == received)
    }

    @Test("The default is in range")
    func defaults() throws {
        try ServerConfiguration().validate()
    }

    @Test(
        "The default number of threads for blocking handlers is in range",
        arguments: [(1, 1...4), (256, 256...1024), (300, 300...1024), (5000, 1024...1024)])
    func blockingThreads(processors: Int, threads: ClosedRange<Int>) throws {
        var configuration = ServerConfiguration()
        configuration.blockingThreads = ServerConfiguration.defaultBlockingThreads(processors: processors)
        #expect(configuration.blockingThreads == threads)
        try configuration.validate()
    }

    private static let outOfRange: [(ConfigurationChange, String)] = [
        (ConfigurationChange("host with a zero byte") { $0.host = "127.0.0.1\0.example" }, "host contains a zero byte"),
        (
            ConfigurationChange("no host") { $0.host = "" },
            "host is empty; \"0.0.0.0\" is every IPv4 address of the machine, \"::\" every address"
        ),
        (ConfigurationChange("port -1") { $0.port = -1 }, "port is -1; it is at least 0 and at most 65,535"),
        (ConfigurationChange("port 65536") { $0.port = 65_536 }, "port is 65,536; it is at least 0 and at most 65,535"),
        (ConfigurationChange("threads 0") { $0.threads = 0 }, "threads is 0; it is at least 1 and at most 1,024"),
        (
            ConfigurationChange("threads 1025") { $0.threads = 1025 },
            "threads is 1,025; it is at least 1 and at most 1,024"
        ),
        (
            ConfigurationChange("threads .min") { $0.threads = .min },
            "threads is -9,223,372,036,854,775,808; it is at least 1 and at most 1,024"
        ),
        (
            ConfigurationChange("maximumBodyByteCount") { $0.maximumBodyByteCount = -1 },
            "maximumBodyByteCount is -1; it is at least 0"
        ),
        (
            ConfigurationChange("maximumHeadByteCount 0") { $0.maximumHeadByteCount = 0 },
            "maximumHeadByteCount is 0; it is at least 1 and at most 2,147,483,647"
        ),
        (
            ConfigurationChange("maximumHeadByteCount .max") { $0.maximumHeadByteCount = .max },
            "maximumHeadByteCount is 9,223,372,036,854,775,807; it is at least 1 and at most 2,147,483,647"
        ),
        (
            ConfigurationChange("maximumHeaderCount") { $0.maximumHeaderCount = 0 },
            "maximumHeaderCount is 0; it is at least 1"
        ),
        (
            ConfigurationChange("maximumTargetByteCount 0") { $0.maximumTargetByteCount = 0 },
            "maximumTargetByteCount is 0; it is at least 1 and at most 2,147,483,647"
        ),
        (
            ConfigurationChange("maximumTargetByteCount 2 GiB") { $0.maximumTargetByteCount = 1 << 31 },
            "maximumTargetByteCount is 2,147,483,648; it is at least 1 and at most 2,147,483,647"
        ),
        (
            ConfigurationChange("maximumConnections") { $0.maximumConnections = 0 },
            "maximumConnections is 0; it is at least 1"
        ),
        (
            ConfigurationChange("maximumConnectionsPerAddress") { $0.maximumConnectionsPerAddress = -5 },
            "maximumConnectionsPerAddress is -5; it is at least 1"
        ),
        (
            ConfigurationChange("maximumRequestsPerConnection") { $0.maximumRequestsPerConnection = 0 },
            "maximumRequestsPerConnection is 0; it is at least 1"
        ),
        (
            ConfigurationChange("maximumPipelinedByteCount") { $0.maximumPipelinedByteCount = -1 },
            "maximumPipelinedByteCount is -1; it is at least 0"
        ),
        (
            ConfigurationChange("minimumTransferRate") { $0.minimumTransferRate = 0 },
            "minimumTransferRate is 0; it is at least 1"
        ),
        (
            ConfigurationChange("blockingThreads 0...4") { $0.blockingThreads = 0...4 },
            "blockingThreads.lowerBound is 0; it is at least 1 and at most 1,024"
        ),
        (
            ConfigurationChange("blockingThreads 1...1025") { $0.blockingThreads = 1...1025 },
            "blockingThreads.upperBound is 1,025; it is at least 1 and at most 1,024"
        ),
        (
            ConfigurationChange("maximumBlockingQueue 0") { $0.maximumBlockingQueue = 0 },
            "maximumBlockingQueue is 0; it is at least 1 and at most 1,048,576"
        ),
        (
            ConfigurationChange("maximumBlockingQueue .max") { $0.maximumBlockingQueue = .max },
            "maximumBlockingQueue is 9,223,372,036,854,775,807; it is at least 1 and at most 1,048,576"
        ),
        (
            ConfigurationChange("maximumWaitingBlockingThreads -1") { $0.maximumWaitingBlockingThreads = -1 },
            "maximumWaitingBlockingThreads is -1; it is at least 0 and at most 65,536"
        ),
        (
            ConfigurationChange("maximumWaitingBlockingThreads .max") { $0.maximumWaitingBlockingThreads = .max },
            "maximumWaitingBlockingThreads is 9,223,372,036,854,775,807; it is at least 0 and at most 65,536"
        ),
        (
            ConfigurationChange("maximumBlockingWait") { $0.maximumBlockingWait = .zero },
            "maximumBlockingWait is 0.0 seconds; it is longer than zero"
        ),
        (
            ConfigurationChange("maximumUnsentByteCount") { $0.maximumUnsentByteCount = 0 },
            "maximumUnsentByteCount is 0; it is at least 1"
        ),
        (
            ConfigurationChange("handlerTimeout") { $0.handlerTimeout = .zero },
            "handlerTimeout is 0.0 seconds; it is longer than zero"
        ),
        (
            ConfigurationChange("idleTimeout") { $0.idleTimeout = .milliseconds(-1500) },
            "idleTimeout is -1.5 seconds; it is longer than zero"
        ),
        (
            ConfigurationChange("headTimeout") { $0.headTimeout = .seconds(Int64.min) * 2 },
            "headTimeout is -9000000000.0 seconds; it is longer than zero"
        ),
        (
            ConfigurationChange("transferGrace") { $0.transferGrace = .seconds(-1) },
            "transferGrace is -1.0 seconds; it is longer than zero"
        ),
        (
            ConfigurationChange("shutdownTimeout") { $0.shutdownTimeout = .seconds(-1) },
            "shutdownTimeout is -1.0 seconds; it is at least zero"
        ),
        (
            ConfigurationChange("tcpKeepAlive") { $0.tcpKeepAlive = .milliseconds(-1) },
            "tcpKeepAlive is -0.001 seconds; it is at least zero"
        ),
    ]

    @Test("A value that is out of range is named when the server starts", arguments: outOfRange)
    func reports(change: ConfigurationChange, reason: String) throws {
        var configuration = ServerConfiguration(port: 0, threads: 1)
        change.apply(&configuration)
        let server = try Server(router: limitRoutes(), configuration: configuration)
        #expect(throws: ServerError.invalidConfiguration(reason)) { try server.start() }
        #expect(throws: ServerError.invalidConfiguration(reason)) {
            try TestClient(router: limitRoutes(), configuration: configuration)
        }
        #expect(ServerError.invalidConfiguration(reason).description == "the configuration is invalid: \(reason)")
        server.stop()
    }

    private static let longest = Duration.seconds(Int64.max) * 10

    private static let extremes: [ConfigurationChange] = [
        ConfigurationChange("times of 292 years") { configuration in
            for time in times { configuration[keyPath: time] = .nanoseconds(Int64.max) }
        },
        ConfigurationChange("times of Int64.max seconds") { configuration in
            for time in times { configuration[keyPath: time] = .seconds(Int64.max) }
        },
        ConfigurationChange("times beyond Int64.max seconds") { configuration in
            for time in times { configuration[keyPath: time] = longest }
        },
        ConfigurationChange("a transfer rate that every client reaches") { $0.minimumTransferRate = 1 },
        ConfigurationChange("a transfer rate that no client reaches") { $0.minimumTransferRate = .max },
        ConfigurationChange("the same, and a long grace") { configuration in
            configuration.minimumTransferRate = .max
            configuration.transferGrace = longest
        },
        ConfigurationChange("numbers that are no limit") { configuration in
            configuration.maximumBodyByteCount = .max
            configuration.maximumHeadByteCount = Int(Int32.max)
            configuration.maximumTargetByteCount = Int(Int32.max)
            configuration.maximumHeaderCount = .max
            configuration.maximumConnections = .max
            configuration.maximumConnectionsPerAddress = .max
            configuration.maximumRequestsPerConnection = .max
            configuration.maximumPipelinedByteCount = .max
            configuration.maximumBlockingQueue = 1 << 20
            configuration.maximumWaitingBlockingThreads = 65_536
            configuration.maximumUnsentByteCount = .max
        },
        ConfigurationChange("the smallest numbers that allow a request") { configuration in
            configuration.maximumConnections = 1
            configuration.maximumConnectionsPerAddress = 1
            configuration.maximumPipelinedByteCount = 0
            configuration.blockingThreads = 1...1
            configuration.maximumBlockingQueue = 1
            configuration.maximumWaitingBlockingThreads = 0
            configuration.maximumUnsentByteCount = 1
            configuration.shutdownTimeout = .zero
        },
        ConfigurationChange("the maximum number of threads for blocking handlers") { $0.blockingThreads = 1...1024 },
    ]

    private static var times: [any WritableKeyPath<ServerConfiguration, Duration> & Sendable] {
        [
            \.handlerTimeout, \.idleTimeout, \.headTimeout, \.transferGrace, \.shutdownTimeout, \.tcpKeepAlive,
            \.maximumBlockingWait,
        ]
    }

    @Test(
        "Extreme values that are in range serve requests and slow bodies, and stop", arguments: DriverKind.allCases,
        extremes)
    func works(driver: DriverKind, change: ConfigurationChange) async throws {
        var router = limitRoutes()
        router.get("/async") { _ async in .text("async") }
        router.post("/slow", body: .stream, with: [Timeout(Self.longest)]) { request async throws in
            var count = 0
            for try await chunk in request.body.chunks { count += chunk.count }
            return .text("\(count)")
        }
        let configure = { (configuration: inout ServerConfiguration) in change.apply(&configuration) }
        try await withServer(driver, router, configure: configure) { port in
            let client = RawClient(port: port)
            #expect(try client.get("/").text == "ok")
            #expect(try client.get("/async").text == "async")
            #expect(try client.get("/brief").text == "brief")
            for path in ["/size", "/slow"] {
                try client.send("POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabc")
                // Longer than a tick, so that the transferred bytes are counted.
                usleep(50_000)
                try client.send("def")
                #expect(try client.readResponse().text == "6")
            }
        }
    }
}
