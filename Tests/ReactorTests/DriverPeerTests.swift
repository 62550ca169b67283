import Glibc
import Testing

@testable import Reactor

/// What drivers say of peers that are slow, and of those that are gone.
@Suite("Driver and peer")
struct DriverPeerTests {
    private static let token = Token(slot: 5, generation: 77)

    private struct SendsShort: DriverCheck {
        func run<KernelDriver: Driver & ~Copyable>(on bench: inout DriverBench<KernelDriver>) throws {
            let pair = try SocketPair.connected(for: KernelDriver.kind)
            // Less than is sent, whatever the peer has room for.
            var size: Int32 = 4096
            _ = unsafe setsockopt(pair.own, SOL_SOCKET, SO_SNDBUF, &size, 4)
            _ = unsafe setsockopt(pair.peer, SOL_SOCKET, SO_RCVBUF, &size, 4)
            _ = fcntl(pair.peer, F_SETFL, O_NONBLOCK)
            let byteCount = 1 << 20
            let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 1)
            // In place until the check ends, which is after the last completion.
            defer { unsafe bytes.deallocate() }
            unsafe bytes.initializeMemory(as: UInt8.self, repeating: 0x61)
            unsafe bench.driver.sendMore(token, descriptor: pair.own, bytes: UnsafeRawBufferPointer(bytes))
            // Before the peer has read anything.
            let first = try #require(try bench.next(.send))
            #expect(first.result > 0 && Int(first.result) < byteCount)
            bench.driver.close(token, descriptor: pair.own)
        }
    }

    @Test("a send that more follows completes short, so that the peer's pace is seen", arguments: DriverKind.allCases)
    func sendsShort(kind: DriverKind) throws {
        try perform(SendsShort(), on: kind)
    }

    private struct SeesPeersGo: DriverCheck {
        func run<KernelDriver: Driver & ~Copyable>(on bench: inout DriverBench<KernelDriver>) throws {
            var pair = try SocketPair.connected(for: KernelDriver.kind)
            let isGoneAtFirst = bench.driver.isPeerGone(descriptor: pair.own)
            #expect(!isGoneAtFirst)
            shutdown(pair.peer, Int32(SHUT_WR))
            var end = pollfd(fd: pair.own, events: Int16(POLLIN), revents: 0)
            #expect(unsafe poll(&end, 1, 20_000) == 1)
            let isGoneAfterFIN = bench.driver.isPeerGone(descriptor: pair.own)
            #expect(!isGoneAfterFIN)
            pair.resetPeer()
            let isGoneAfterReset = bench.driver.isPeerGone(descriptor: pair.own)
            #expect(isGoneAfterReset)
            bench.driver.close(token, descriptor: pair.own)
        }
    }

    @Test("a peer that has sent FIN is there, one that has reset the connection is not", arguments: DriverKind.allCases)
    func seesPeersGo(kind: DriverKind) throws {
        try perform(SeesPeersGo(), on: kind)
    }
}
