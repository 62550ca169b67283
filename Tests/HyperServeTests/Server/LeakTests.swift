import Glibc
import HyperServe
import TestSupport
import Testing

/// A stopped server holds nothing, which every test with a server checks in the end. These tests show that the check
/// works.
@Suite("Leaks")
struct LeakTests {
    @Test("of every kind that reactors count are reported")
    func counted() {
        #expect(Leaks.list([.init(), .init()]) == [])
        var statistics = ReactorStatisticsSnapshot()
        statistics.connectionSlots = 1
        #expect(Leaks.list([.init(), statistics]) == ["1 slots"])
        statistics.openConnections = 2
        statistics.receiveBuffers = 3
        statistics.deadlines = 4
        #expect(
            Leaks.list([statistics, statistics])
                == ["4 connections", "2 slots", "6 receive buffers", "8 deadlines"])
    }

    @Test("of a descriptor are reported, and nothing if there are none", arguments: DriverKind.allCases)
    func descriptors(driver: DriverKind) async throws {
        var router = Router()
        router.get("/") { _ in .text("ok") }
        let configuration = ServerConfiguration(port: 0, threads: 1, driver: driver)
        for isLeaking in [false, true] {
            let server = try Server(router: router, configuration: configuration)
            #expect(server.statistics.isEmpty)
            try await server.start()
            let port = server.port!
            let leaks = try await onOwnThread { () throws -> [String] in
                let client = RawClient(port: port)
                #expect(try client.get("/").status == 200)
                #expect(!Leaks.list(server.statistics).isEmpty, "the connection is counted while it is open")
                // The listener and the connection.
                let sockets = ProcessFiles.sockets(at: port)
                #expect(sockets.count == 2)
                let planted = isLeaking ? sockets.keys.map { dup($0) } : []
                defer { for descriptor in planted { close(descriptor) } }
                return server.stopListingLeaks()
            }
            #expect(leaks == (isLeaking ? ["2 sockets"] : []))
            #expect(server.statistics.map(\.requests) == [1], "the counters are kept")
        }
    }
}
