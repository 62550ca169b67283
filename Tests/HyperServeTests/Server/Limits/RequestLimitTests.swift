import HyperServe
import Testing

/// The largest request within each limit is served, and one more byte is rejected.
@Suite("Limits of requests")
struct RequestLimitTests {
    /// A head of exactly that many bytes.
    private static func head(byteCount: Int) -> String {
        let start = "GET / HTTP/1.1\r\nHost: a\r\nX-Filler: "
        return start + String(repeating: "x", count: byteCount - start.utf8.count - 4) + "\r\n\r\n"
    }

    @Test("A head may be as long as the limit, and no longer: 431", arguments: DriverKind.allCases)
    func headBytes(driver: DriverKind) async throws {
        let configure: (inout ServerConfiguration) -> Void = { $0.maximumHeadByteCount = 600 }
        try await withServer(driver, limitRoutes(), configure: configure) { port in
            let client = RawClient(port: port)
            try client.send(Self.head(byteCount: 600))
            #expect(try client.readResponse().status == 200)
            try client.expectService()
            try client.send(Self.head(byteCount: 601))
            try client.expectRefusal(431)
        }
    }

    @Test("A head that never ends is rejected at the limit", arguments: DriverKind.allCases)
    func endlessHead(driver: DriverKind) async throws {
        let configure: (inout ServerConfiguration) -> Void = { $0.maximumHeadByteCount = 600 }
        try await withServer(driver, limitRoutes(), configure: configure) { port in
            let client = RawClient(port: port)
            try client.send("GET / HTTP/1.1\r\nHost: a\r\nX-Filler: " + String(repeating: "x", count: 601))
            try client.expectRefusal(431)
        }
    }

    @Test("There may be as many fields as the limit says, and no more: 431", arguments: DriverKind.allCases)
    func fields(driver: DriverKind) async throws {
        let configure: (inout ServerConfiguration) -> Void = { $0.maximumHeaderCount = 5 }
        try await withServer(driver, limitRoutes(), configure: configure) { port in
            let client = RawClient(port: port)
            // With Host.
            let four = String(repeating: "X-A: b\r\n", count: 4)
            try client.send("GET / HTTP/1.1\r\nHost: a\r\n\(four)\r\n")
            #expect(try client.readResponse().status == 200)
            try client.send("GET / HTTP/1.1\r\nHost: a\r\n\(four)X-A: b\r\n\r\n")
            try client.expectRefusal(431)
        }
    }

    @Test("A target may be as long as the limit, and no longer: 414", arguments: DriverKind.allCases)
    func target(driver: DriverKind) async throws {
        let configure: (inout ServerConfiguration) -> Void = { $0.maximumTargetByteCount = 64 }
        try await withServer(driver, limitRoutes(), configure: configure) { port in
            let client = RawClient(port: port)
            let path = "/" + String(repeating: "p", count: 63)
            #expect(try client.get(path).status == 200)
            try client.send("GET \(path)p HTTP/1.1\r\nHost: a\r\n\r\n")
            try client.expectRefusal(414)
        }
    }

    @Test("A Host field may be empty only if that is allowed: 400", arguments: DriverKind.allCases)
    func emptyHost(driver: DriverKind) async throws {
        for isAllowed in [true, false] {
            let configure: @Sendable (inout ServerConfiguration) -> Void = { $0.allowsEmptyHost = isAllowed }
            try await withServer(driver, limitRoutes(), configure: configure) { port in
                let client = RawClient(port: port)
                try client.send("GET / HTTP/1.1\r\nHost:\r\n\r\n")
                if isAllowed {
                    #expect(try client.readResponse().status == 200)
                    try client.expectService()
                } else {
                    try client.expectRefusal(400)
                }
            }
        }
    }

    @Test("A declared body may be as long as the limit, and no longer: 413", arguments: DriverKind.allCases)
    func declaredBody(driver: DriverKind) async throws {
        let configure: (inout ServerConfiguration) -> Void = { $0.maximumBodyByteCount = 10_000 }
        try await withServer(driver, limitRoutes(), configure: configure) { port in
            let client = RawClient(port: port)
            let body = String(repeating: "b", count: 10_000)
            try client.send("POST /size HTTP/1.1\r\nHost: a\r\nContent-Length: 10000\r\n\r\n\(body)")
            #expect(try client.readResponse().text == "10000")
            try client.expectService()
            try client.send("POST /size HTTP/1.1\r\nHost: a\r\nContent-Length: 10001\r\n\r\n\(body)b")
            try client.expectRefusal(413)
        }
    }

    @Test("A chunked body may be as long as the limit, and no longer: 413", arguments: DriverKind.allCases)
    func chunkedBody(driver: DriverKind) async throws {
        let configure: (inout ServerConfiguration) -> Void = { $0.maximumBodyByteCount = 10_000 }
        try await withServer(driver, limitRoutes(), configure: configure) { port in
            let head = "POST /size HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            let chunks = String(repeating: "3e8\r\n\(String(repeating: "b", count: 1000))\r\n", count: 10)
            let client = RawClient(port: port)
            try client.send(head + chunks + "0\r\n\r\n")
            #expect(try client.readResponse().text == "10000")
            try client.expectService()
            try client.send(head + chunks + "1\r\nb\r\n")
            try client.expectRefusal(413)
        }
    }
}
