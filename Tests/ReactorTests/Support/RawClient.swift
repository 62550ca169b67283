import Glibc
import Testing

@testable import Reactor

/// A client of a `ReactorGroup`: a socket, and bytes.
enum RawClient {
    static func connect(_ group: ReactorGroup, _ index: Int) throws -> Int32 {
        guard case .tcp(let address) = group.addresses[index] else { preconditionFailure("all addresses are TCP") }
        let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        // With a lost response, the test fails instead of hanging.
        var limit = timeval(tv_sec: 60, tv_usec: 0)
        _ = unsafe setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        try #require(unsafe address.withSockaddr { unsafe Glibc.connect(client, $0, $1) } == 0)
        return client
    }

    static func send(_ text: String, to client: Int32) {
        let bytes = Array(text.utf8)
        #expect(unsafe Glibc.send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count)
    }

    static func receive(_ count: Int, from client: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: count)
        let received = unsafe recv(client, &bytes, count, Int32(MSG_WAITALL))
        return String(decoding: bytes.prefix(max(received, 0)), as: UTF8.self)
    }
}
