import Glibc
import Platform
import Testing

@testable import Reactor

/// A ring whose descriptor was closed, so that every system call on it fails.
@Suite("Failures of a ring")
struct DriverFailureTests {
    private static let token = Token(slot: 3, generation: 9)

    private func driver() throws -> UringDriver {
        var configuration = DriverConfiguration()
        configuration.submissionQueueEntries = 2
        configuration.receiveBufferCount = 4
        return try UringDriver(configuration: configuration)
    }

    /// Replaces the ring's descriptor with another file.
    private func breakRing(of driver: borrowing UringDriver) throws {
        let null = unsafe open("/dev/null", O_RDONLY | O_CLOEXEC)
        defer { close(null) }
        try #require(dup2(null, driver.ringDescriptor) >= 0)
    }

    @Test("Operations beyond the queue's capacity are lost and reported, but descriptors are still closed")
    func losesOperations() throws {
        var driver = try driver()
        let pair = try SocketPair(for: .ioUring)
        try breakRing(of: driver)
        let bytes: StaticString = "lost"
        // A literal has static storage.
        let buffer = unsafe UnsafeRawBufferPointer(start: bytes.utf8Start, count: 4)
        for _ in 0..<5 { unsafe driver.submit(.send(descriptor: pair.own, bytes: buffer, .quiet), Self.token) }
        driver.submit(.timer(nanoseconds: 1), .none)
        driver.submit(.close(descriptor: pair.own), Self.token)
        #expect(pair.read() == nil, "the peer receives FIN")
        #expect(throws: SystemError("io_uring_enter", code: EBADR)) { try driver.wait(blocks: true) }

        try driver.restart()
        let next = try SocketPair(for: .ioUring)
        driver.submit(.receive(descriptor: next.own, .multishot), Self.token)
        next.write("found")
        var text = ""
        while text.isEmpty {
            try driver.wait(blocks: true)
            while let completion = driver.nextCompletion() {
                // Valid until the completion is released.
                text += unsafe String(decoding: completion.bytes, as: UTF8.self)
                driver.release(completion)
            }
        }
        #expect(text == "found")
        close(next.own)
    }

    @Test("Destroying the driver closes the descriptors that were submitted for closing")
    func closesAtItsEnd() throws {
        let pair = try SocketPair(for: .ioUring)
        do {
            var driver = try driver()
            try breakRing(of: driver)
            driver.submit(.close(descriptor: pair.own), Self.token)
            #expect(throws: SystemError.self) { try driver.wait(blocks: true) }
        }
        #expect(pair.read() == nil, "the peer receives FIN")
    }

    @Test("Destroying the driver closes accepted connections that it has not returned")
    func closesUnseenConnections() throws {
        let listener = try Listener.open(host: "127.0.0.1", port: 0)
        let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { close(client) }
        do {
            var driver = try driver()
            driver.submit(.accept(descriptor: listener.descriptor, once: false, sharesQueue: false), .none)
            driver.submit(.timer(nanoseconds: 1), .none)
            try driver.wait(blocks: true)
            while driver.nextCompletion() != nil {}
            try #require(unsafe listener.socketAddress.withSockaddr { unsafe connect(client, $0, $1) } == 0)
            try #require(unsafe send(client, "x", 1, Int32(MSG_NOSIGNAL)) == 1)
            try driver.wait(blocks: true)
        }
        var byte: UInt8 = 0
        var timeout = timeval(tv_sec: 20, tv_usec: 0)
        _ = unsafe setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        // FIN, or RST since its byte was not read.
        let count = unsafe recv(client, &byte, 1, 0)
        #expect(count == 0 || (count < 0 && errno == ECONNRESET))
    }
}
