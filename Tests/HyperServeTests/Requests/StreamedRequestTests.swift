import Glibc
import HyperServe
import Testing

@Suite("Streamed request bodies")
struct StreamedRequestTests {
    /// Routes that count the bytes of the body, on a thread and in a task.
    private static func counting(_ events: Events = Events()) -> Router {
        var router = Router()
        router.post("/blocking", .blocking, body: .stream) { request in
            var total = 0
            do {
                while let chunk = try request.body.nextChunk() {
                    if total == 0 { events.add("begun") }
                    total += chunk.count
                }
            } catch {
                events.add("\(error)")
                throw error
            }
            return .text("\(total)")
        }
        router.post("/async", body: .stream) { request in
            var total = 0
            do {
                for try await chunk in request.body.chunks {
                    if total == 0 { events.add("begun") }
                    total += chunk.count
                }
            } catch {
                events.add("\(error)")
                throw error
            }
            return .text("\(total)")
        }
        router.get("/after") { _ in .text("after") }
        return router
    }

    @Test(
        "arrive complete, in either framing, and the connection persists",
        arguments: DriverKind.allCases, ["/blocking", "/async"])
    func arrivesWhole(driver: DriverKind, path: String) async throws {
        try await withServer(driver, Self.counting()) { port in
            let client = RawClient(port: port)
            for size in [0, 1, 4095, 70_000, 16 << 20] {
                let body = [UInt8](repeating: 0x61, count: size)
                try client.send("POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: \(size)\r\n\r\n")
                try client.send(body)
                #expect(try client.readResponse().text == "\(size)")
                try client.send("POST \(path) HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
                for start in stride(from: 0, to: size, by: 100_000) {
                    let chunk = body[start..<min(start + 100_000, size)]
                    try client.send("\(String(chunk.count, radix: 16))\r\n")
                    try client.send(Array(chunk))
                    try client.send("\r\n")
                }
                try client.send("0\r\n\r\n")
                #expect(try client.readResponse().text == "\(size)")
            }
            #expect(try client.get("/after").text == "after")
        }
    }

    @Test(
        "may arrive byte by byte, followed by the next request",
        arguments: DriverKind.allCases, ["/blocking", "/async"])
    func bytewise(driver: DriverKind, path: String) async throws {
        try await withServer(driver, Self.counting()) { port in
            let client = RawClient(port: port)
            let request =
                "POST \(path) HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "5\r\nhello\r\n3;x=y\r\nyou\r\n0\r\n\r\n"
                + "GET /after HTTP/1.1\r\nHost: a\r\n\r\n"
            for byte in request.utf8 {
                try client.send([byte])
                usleep(200)
            }
            #expect(try client.readResponse().text == "8")
            #expect(try client.readResponse().text == "after")
        }
    }

    @Test("stay in TCP while the handler does not read", arguments: DriverKind.allCases, [true, false])
    func backPressure(driver: DriverKind, isBlocking: Bool) async throws {
        let events = Events()
        var router = Router()
        router.post("/blocking", .blocking, body: .stream) { request in
            var total = try request.body.nextChunk()?.count ?? 0
            try events.wait(for: "go")
            while let chunk = try request.body.nextChunk() { total += chunk.count }
            return .text("\(total)")
        }
        router.post("/async", body: .stream) { request in
            var total = 0
            for try await chunk in request.body.chunks {
                total += chunk.count
                while !events.has("go") { try await Task.sleep(for: .milliseconds(5)) }
            }
            return .text("\(total)")
        }
        try await withServer(driver, router) { port in
            let client = RawClient(port: port)
            let size = 64 << 20
            try client.send(
                "POST /\(isBlocking ? "blocking" : "async") HTTP/1.1\r\nHost: a\r\nContent-Length: \(size)\r\n\r\n")
            // As many bytes as the sockets take, until they take no more for a while.
            let piece = [UInt8](repeating: 0x62, count: 1 << 20)
            var sent = 0
            var pauses = 0
            while pauses < 20, sent < size {
                let count = client.sendWithoutWaiting(Array(piece.prefix(size - sent)))
                sent += count
                pauses = count == 0 ? pauses + 1 : 0
                if count == 0 { usleep(10_000) }
            }
            // The buffers of two sockets, but no memory of the server.
            #expect(sent < 32 << 20)
            events.add("go")
            while sent < size {
                let count = min(piece.count, size - sent)
                try client.send(Array(piece.prefix(count)))
                sent += count
            }
            #expect(try client.readResponse().text == "\(size)")
        }
    }

    @Test("end in an error when the client disconnects", arguments: DriverKind.allCases, ["/blocking", "/async"])
    func clientLeaves(driver: DriverKind, path: String) async throws {
        for byReset in [true, false] {
            let events = Events()
            try await withServer(driver, Self.counting(events)) { port in
                let client = RawClient(port: port)
                try client.send("POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhello")
                try events.wait(for: "begun")
                if byReset { client.reset() } else { client.finish() }
                try events.wait(for: "the connection is gone")
            }
        }
    }

    @Test(
        "end in an error when they are malformed, too large or too slow",
        arguments: DriverKind.allCases, [true, false])
    func refused(driver: DriverKind, isBlocking: Bool) async throws {
        let events = Events()
        var router = Router()
        router.post("/blocking", .blocking, body: .stream(upTo: 1000)) { request in
            events.add("begun \(request.query.string)")
            do {
                while try request.body.nextChunk() != nil {}
            } catch {
                events.add("\(error)")
                throw error
            }
            return .text("all of it")
        }
        router.post("/async", body: .stream(upTo: 1000)) { request in
            events.add("begun \(request.query.string)")
            do {
                for try await _ in request.body.chunks {}
            } catch {
                events.add("\(error)")
                throw error
            }
            return .text("all of it")
        }
        let path = isBlocking ? "blocking" : "async"
        let configure = { (configuration: inout ServerConfiguration) in
            configuration.transferGrace = .milliseconds(100)
        }
        // Waits for the handler, which is not called if the request ends before a thread is free.
        @Sendable func begin(_ port: Int, _ name: String, _ rest: String) throws -> RawClient {
            let client = RawClient(port: port)
            try client.send("POST /\(path)?\(name) HTTP/1.1\r\nHost: a\r\n\(rest)")
            try events.wait(for: "begun \(name)")
            return client
        }
        try await withServer(driver, router, configure: configure) { port in
            var client = try begin(port, "malformed", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
            try client.send("x\r\n")
            #expect(try client.readResponse().status == 400)
            try events.wait(for: "the request's body is malformed")

            client = RawClient(port: port)
            try client.send("POST /\(path) HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n")
            #expect(try client.readResponse().status == 413)

            client = try begin(port, "large", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n3e8\r\n")
            try client.send([UInt8](repeating: 0x61, count: 1000))
            #expect(try client.readResponse().status == 413)
            try events.wait(for: "the request's body is too large")

            client = try begin(port, "slow", "Content-Length: 10\r\n\r\nhello")
            #expect(try client.readResponse().status == 408)
            try events.wait(for: "the request's body arrived too slowly")
        }
    }

    @Test(
        "may get their response before they are read; short ones are discarded, long ones close the connection",
        arguments: DriverKind.allCases)
    func earlyResponse(driver: DriverKind) async throws {
        var router = Router()
        router.post("/blocking", .blocking, body: .stream) { _ in .text("no need") }
        router.post("/async", body: .stream) { _ in
            await Task.yield()
            return .text("no need")
        }
        router.post("/inline", body: .stream) { _ in .text("no need") }
        router.get("/after") { _ in .text("after") }
        try await withServer(driver, router) { port in
            for path in ["/blocking", "/async", "/inline"] {
                let client = RawClient(port: port)
                try client.send("POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: 50000\r\n\r\n")
                try client.expectEarlyResponse(isLast: false)
                try client.send([UInt8](repeating: 0x61, count: 50_000))
                #expect(try client.get("/after").text == "after")

                try client.send("POST \(path) HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
                try client.expectEarlyResponse(isLast: false)
                try client.send("5\r\nhello\r\n0\r\n\r\n")
                #expect(try client.get("/after").text == "after")

                try client.send("POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: 5000000\r\n\r\nhello")
                try client.expectEarlyResponse(isLast: true)
                // FIN, and no reset, although bytes of the body arrived.
                #expect(try client.readToEnd() == [])
            }
        }
    }

    @Test("are requested with 100 when the handler reads them and none have arrived", arguments: DriverKind.allCases)
    func hundredContinue(driver: DriverKind) async throws {
        let events = Events()
        var router = Self.counting(events)
        router.post("/refuse", body: .stream) { _ in
            await Task.yield()
            throw HTTPError(.forbidden)
        }
        try await withServer(driver, router) { port in
            for path in ["/blocking", "/async"] {
                let client = RawClient(port: port)
                let head = "POST \(path) HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"
                try client.send(head)
                #expect(try client.read(through: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
                try client.send("hello")
                #expect(try client.readResponse().text == "5")
                // The body was sent already: no 100.
                try client.send("\(head)hello")
                let response = try client.readResponse()
                #expect(response.status == 200)
                #expect(response.text == "5")
            }
            let client = RawClient(port: port)
            try client.send("POST /refuse HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
            let refusal = try client.readResponse()
            #expect(refusal.status == 403 && refusal.headers["connection"] == "close")
            // It is unknown whether the body follows, so nothing more can be read.
            #expect(try client.readToEnd() == [])
        }
    }

    @Test("are collected up to the route's own limit", arguments: DriverKind.allCases)
    func collectedLimit(driver: DriverKind) async throws {
        var router = Router()
        router.post("/small", body: .collect(upTo: 10)) { request in .text(request.body.text) }
        router.post("/chunks", body: .collect(upTo: 10)) { request in
            var text = ""
            for try await chunk in request.body.chunks { text += String(decoding: chunk, as: UTF8.self) }
            return .text(text)
        }
        try await withServer(driver, router) { port in
            for path in ["/small", "/chunks"] {
                let client = RawClient(port: port)
                try client.send("POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n0123456789")
                #expect(try client.readResponse().text == "0123456789")
                try client.send("POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n0123456789a")
                #expect(try client.readResponse().status == 413)
            }
        }
    }
}

extension RawClient {
    /// Reads the response of a handler that has not read the body, and checks whether it closes the connection.
    fileprivate func expectEarlyResponse(isLast: Bool) throws {
        let response = try readResponse()
        #expect(response.text == "no need")
        #expect((response.headers["connection"] == "close") == isLast)
    }
}
