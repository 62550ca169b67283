import CPlatform
import Glibc
import Platform
import TestSupport
import Testing

@testable import Reactor

@Suite("The driver of a group of reactors")
struct DriverFallbackTests {
    private static let failure = SystemError("io_uring_queue_init_params", code: ENOMEM)

    /// The configuration of four reactors, of which the ring of the last can't be set up.
    private static func configuration(_ driver: DriverKind?, port: Int = 0) -> ReactorGroupConfiguration {
        var configuration = ReactorGroupConfiguration()
        configuration.addresses = [.tcp(host: "127.0.0.1", port: port)]
        configuration.threadCount = 4
        configuration.driver = driver
        let makeRing = configuration.makeRing
        configuration.makeRing = { index throws(SystemError) in
            if index == 3 { throw failure }
            return try makeRing(index)
        }
        return configuration
    }

    @Test("is epoll for all reactors if the last ring can't be set up, and no connection is lost")
    func fallback() throws {
        let group = try ReactorGroup(configuration: Self.configuration(nil)) { [ScriptedApplication()] }
        #expect(group.driver == .epoll && group.fallbackReason == Self.failure)
        for _ in 0..<20 {
            let client = try RawClient.connect(group, 0)
            RawClient.send(Requests.get("/a"), to: client)
            #expect(RawClient.receive(12, from: client) == "GET /a keep\n")
            close(client)
        }
        group.requestStop(deadlineMilliseconds: 2000)
        #expect(group.join() == [])
        #expect(group.statistics.reduce(0) { $0 + $1.acceptedConnections } == 20)
    }

    @Test("is not replaced if it was asked for; nothing has been served, and everything is closed")
    func wanted() throws {
        let first = try ReactorGroup(configuration: Self.configuration(.epoll)) { [ScriptedApplication()] }
        #expect(first.driver == .epoll && first.fallbackReason == nil)
        guard case .tcp(let address) = first.addresses[0] else { return }
        first.requestStop(deadlineMilliseconds: 0)
        #expect(first.join() == [])
        let configuration = Self.configuration(.ioUring, port: address.port)
        #expect(throws: ServerError.driverUnavailable(.ioUring, Self.failure)) {
            _ = try ReactorGroup(configuration: configuration) { [ScriptedApplication()] }
        }
        // The port is free again.
        let second = try ReactorGroup(configuration: Self.configuration(.epoll, port: address.port)) {
            [ScriptedApplication()]
        }
        second.requestStop(deadlineMilliseconds: 0)
        #expect(second.join() == [])
    }
}
