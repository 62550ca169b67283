import Glibc
import Platform
import Testing

@testable import Reactor

/// How drivers report peers that are slow, and peers that are gone.
@Suite("Driver and peer")
struct DriverPeerTests {
    private static let token = Token(slot: 5, generation: 77)

    private struct SendsShort: DriverCheck {
        func run<KernelDriver: Driver & ~Copyable>(on bench: inout DriverBench<KernelDriver>) throws {
            let pair = try SocketPair.connected(for: KernelDriver.kind)
            // Less than the bytes sent, whatever the peer's window is.
            var size: Int32 = 4096
            _ = unsafe setsockopt(pair.own, SOL_SOCKET, SO_SNDBUF, &size, 4)
            _ = unsafe setsockopt(pair.peer, SOL_SOCKET, SO_RCVBUF, &size, 4)
            _ = fcntl(pair.peer, F_SETFL, O_NONBLOCK)
            let byteCount = 1 << 20
            let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 1)
            // Valid until the check ends, which is after the last completion.
            defer { unsafe bytes.deallocate() }
            unsafe bytes.initializeMemory(as: UInt8.self, repeating: 0x61)
            unsafe bench.driver.submit(.send(descriptor: pair.own, bytes: UnsafeRawBufferPointer(bytes), .more), token)
            // Before the peer has read anything.
            let first = try #require(try bench.next(.send))
            #expect(first.result > 0 && Int(first.result) < byteCount)
            bench.driver.submit(.close(descriptor: pair.own), token)
        }
    }

    @Test("a send of mode `more` completes short, which shows the peer's pace", arguments: DriverKind.allCases)
    func sendsShort(kind: DriverKind) throws {
        try perform(SendsShort(), on: kind)
    }

    private struct SeesPeersGo: DriverCheck {
        func run<KernelDriver: Driver & ~Copyable>(on bench: inout DriverBench<KernelDriver>) throws {
            var pair = try SocketPair.connected(for: KernelDriver.kind)
            let isGoneAtFirst = bench.driver.isPeerGone(descriptor: pair.own, silenceMilliseconds: 0)
            #expect(!isGoneAtFirst)
            shutdown(pair.peer, Int32(SHUT_WR))
            var end = pollfd(fd: pair.own, events: Int16(POLLIN), revents: 0)
            #expect(unsafe poll(&end, 1, 20_000) == 1)
            let isGoneAfterFIN = bench.driver.isPeerGone(descriptor: pair.own, silenceMilliseconds: 1)
            #expect(!isGoneAfterFIN)
            pair.resetPeer()
            let isGoneAfterReset = bench.driver.isPeerGone(descriptor: pair.own, silenceMilliseconds: 0)
            #expect(isGoneAfterReset)
            bench.driver.submit(.close(descriptor: pair.own), token)
        }
    }

    @Test("a peer that has sent FIN is not gone; one that has reset the connection is", arguments: DriverKind.allCases)
    func seesPeersGo(kind: DriverKind) throws {
        try perform(SeesPeersGo(), on: kind)
    }

    enum Peer: CaseIterable {
        case vanished
        /// Its window is closed, and it acknowledges window probes.
        case full
        /// Its window is closed after so many small segments that it has no memory for the bytes its window permits.
        case fullOfPieces
    }

    private struct SeesSilence: DriverCheck {
        let peer: Peer

        func run<KernelDriver: Driver & ~Copyable>(on bench: inout DriverBench<KernelDriver>) throws {
            let pair = try SocketPair.connected(for: KernelDriver.kind)
            _ = fcntl(pair.own, F_SETFL, O_NONBLOCK)
            var one: Int32 = 1
            _ = unsafe setsockopt(pair.own, Int32(IPPROTO_TCP), TCP_NODELAY, &one, 4)
            if peer == .vanished { pair.vanishPeer() }
            // More than the window permits.
            let bytes = [UInt8](repeating: 0x61, count: peer == .fullOfPieces ? 100 : 1 << 20)
            while unsafe Glibc.send(pair.own, bytes, bytes.count, Int32(MSG_NOSIGNAL)) > 0 {}
            var isGone = false
            let end = Clock.nanoseconds() + (peer == .vanished ? 60_000_000_000 : 4_000_000_000)
            while !isGone, Clock.nanoseconds() < end {
                usleep(20_000)
                // The kernel's window probes are further apart than that.
                isGone = bench.driver.isPeerGone(descriptor: pair.own, silenceMilliseconds: 1000)
            }
            #expect(isGone == (peer == .vanished))
            let isNeverGone = !bench.driver.isPeerGone(descriptor: pair.own, silenceMilliseconds: 0)
            #expect(isNeverGone)
            bench.driver.submit(.close(descriptor: pair.own), token)
        }
    }

    @Test(
        "a peer that acknowledges nothing is gone; one whose window is closed is not", arguments: DriverKind.allCases,
        Peer.allCases)
    func seesSilence(kind: DriverKind, peer: Peer) throws {
        try perform(SeesSilence(peer: peer), on: kind)
    }

    private struct KnowsNoSilenceWithoutTCP: DriverCheck {
        func run<KernelDriver: Driver & ~Copyable>(on bench: inout DriverBench<KernelDriver>) throws {
            let pair = try SocketPair(for: KernelDriver.kind)
            #expect(unsafe Glibc.send(pair.own, "x", 1, Int32(MSG_NOSIGNAL)) == 1)
            usleep(20_000)
            let isGone = bench.driver.isPeerGone(descriptor: pair.own, silenceMilliseconds: 1)
            let acknowledged = bench.driver.acknowledgedByteCount(descriptor: pair.own)
            #expect(!isGone && acknowledged == 0)
            bench.driver.submit(.close(descriptor: pair.own), token)
        }
    }

    private struct CountsUnreadBytes: DriverCheck {
        func run<KernelDriver: Driver & ~Copyable>(on bench: inout DriverBench<KernelDriver>) throws {
            for isTCP in [true, false] {
                var pair = try isTCP ? SocketPair.connected(for: KernelDriver.kind) : SocketPair(for: KernelDriver.kind)
                let countBefore = bench.driver.unreadByteCount(descriptor: pair.own)
                #expect(countBefore == 0)
                pair.write("hello")
                usleep(20_000)
                let count = bench.driver.unreadByteCount(descriptor: pair.own)
                #expect(count == 5)
                bench.driver.submit(.receive(descriptor: pair.own, .once), token)
                #expect(try bench.next(.receive)?.text == "hello")
                pair.closePeer()
                usleep(20_000)
                let countAfterFIN = bench.driver.unreadByteCount(descriptor: pair.own)
                #expect(countAfterFIN == 0)
                bench.driver.submit(.close(descriptor: pair.own), token)
            }
            let countWithoutSocket = bench.driver.unreadByteCount(descriptor: -1)
            #expect(countWithoutSocket == 0)
        }
    }

    @Test("the bytes it has sent are counted until they are received", arguments: DriverKind.allCases)
    func countsUnreadBytes(kind: DriverKind) throws {
        try perform(CountsUnreadBytes(), on: kind)
    }

    @Test("a peer whose acknowledgements the kernel doesn't know is not gone", arguments: DriverKind.allCases)
    func knowsNoSilenceWithoutTCP(kind: DriverKind) throws {
        try perform(KnowsNoSilenceWithoutTCP(), on: kind)
    }
}
