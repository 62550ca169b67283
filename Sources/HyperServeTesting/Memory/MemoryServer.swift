import HyperServe
import Platform
import Reactor
import Synchronization

/// A reactor on its own thread that serves connections in memory.
final class MemoryServer: Sendable {
    let events = EventQueue()
    let mailbox: ReactorMailbox
    /// The clock of the server's middlewares and handlers. The driver advances it with its own.
    let clock = ManualClock()
    private let peers: Peers

    /// The peer address of each connection.
    private final class Peers: Sendable {
        let addresses = Locked<[Int32: SocketAddress]>([:])
        let count = Atomic<Int32>(0)
    }

    /// Starts to serve the routes of `server`.
    init(_ server: Server) throws {
        let service = try server.makeService(clock: .manual(clock))
        let peers = Peers()
        self.peers = peers
        mailbox = try ReactorMailbox(
            outputHighWaterByteCount: service.connections.buffers.outputHighWaterByteCount,
            peerAddress: { descriptor in peers.addresses.withLock { $0[descriptor] } })
        let mailbox = mailbox
        events.whenPosted { mailbox.wake() }
        do throws(SystemError) {
            _ = try Thread(named: "hs-test") { self.serve(service) }
        } catch {
            throw ServerError.noThread(error)
        }
    }

    /// Creates a connection whose peer address is `host`.
    func connect(from host: String) throws(ListenError) -> MemorySocket {
        let number = peers.count.add(1, ordering: .relaxed).oldValue
        let peer = try SocketAddress.resolve(host: host, port: 49_152 + Int(number) % 16_384).first?.unmapped
        // Larger than any descriptor of the kernel, so that it can't refer to a real file.
        let descriptor = Int32.max - number
        peers.addresses.withLock { $0[descriptor] = peer }
        let socket = MemorySocket(descriptor: descriptor, events: events)
        events.post(.connected(socket))
        return socket
    }

    /// Removes a connection that is closed.
    func forget(_ descriptor: Int32) {
        peers.addresses.withLock { $0[descriptor] = nil }
    }

    /// Ends the thread and closes all connections.
    func stop() {
        // In the past of the driver's clock, so that nothing is waited for.
        mailbox.requestStop(deadline: 1)
    }

    private func serve(_ service: Server.Service) {
        var reactor = Reactor(
            driver: MemoryDriver(self), mailbox: mailbox, configuration: service.connections,
            application: service.makeApplication())
        do {
            try reactor.run()
        } catch {
            preconditionFailure("a driver without a kernel does not fail: \(error)")
        }
        service.stop()
    }
}
