import Glibc
import Testing

@testable import Reactor

/// How drivers accept connections from a listener.
@Suite("Driver and listener")
struct DriverAcceptingTests {
    private struct AcceptsOnce: DriverCheck {
        func run<KernelDriver: Driver & ~Copyable>(on bench: inout DriverBench<KernelDriver>) throws {
            let listener = try Listener.open(host: "127.0.0.1", port: 0)
            let clients = (0..<2).map { _ in
                let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
                #expect(unsafe listener.socketAddress.withSockaddr { unsafe connect(client, $0, $1) } == 0)
                #expect(unsafe send(client, "x", 1, Int32(MSG_NOSIGNAL)) == 1)
                return client
            }
            defer { for client in clients { close(client) } }
            let token = Token(slot: 0, generation: 1)
            bench.driver.submit(.accept(descriptor: listener.descriptor, once: true, sharesQueue: false), token)
            var acceptedCount = 0
            for _ in 0..<20 where acceptedCount < clients.count {
                let accepted = try bench.turn(within: 50_000_000).filter { $0.kind == .accept }
                for completion in accepted {
                    #expect(completion.result >= 0)
                    close(completion.result)
                }
                acceptedCount += accepted.count
                guard accepted.contains(where: \.isFinal) else { continue }
                #expect(accepted.count == 1, "no further connection is accepted, though others wait")
                bench.driver.submit(.accept(descriptor: listener.descriptor, once: true, sharesQueue: false), token)
            }
            #expect(acceptedCount == clients.count)
            bench.driver.submit(.cancel(.accept), token)
        }
    }

    @Test("With `once`, accepts one connection, or returns one at a time", arguments: DriverKind.allCases)
    func acceptsOnce(kind: DriverKind) throws {
        try perform(AcceptsOnce(), on: kind)
    }
}
