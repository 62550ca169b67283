import Glibc
import HyperServe
import Synchronization
import TestSupport
import Testing

@Suite("Async handlers")
struct AsyncHandlerTests {
    @Test("respond after they have awaited something", arguments: DriverKind.allCases)
    func respondsLater(driver: DriverKind) async throws {
        var router = Router()
        router.get("/later/{name}") { request in
            try await Task.sleep(for: .milliseconds(5))
            return .text("later, \(request.parameters["name"]!)")
        }
        try await withServer(driver, router) { port in
            let client = RawClient(port: port)
            for _ in 0..<20 {
                let response = try client.get("/later/anna")
                #expect(response.status == 200)
                #expect(response.text == "later, anna")
            }
        }
    }

    @Test("read the collected body and the peer, and their errors become responses", arguments: DriverKind.allCases)
    func seesItsRequest(driver: DriverKind) async throws {
        var router = Router()
        router.post("/echo") { request in
            await Task.yield()
            return .text("\(request.peerAddress != nil) \(request.body.text)")
        }
        router.get("/refused") { _ in
            await Task.yield()
            throw HTTPError(.conflict, "no")
        }
        try await withServer(driver, router) { port in
            let client = RawClient(port: port)
            try client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel")
            usleep(20_000)
            try client.send("lo")
            #expect(try client.readResponse().text == "true hello")
            let refused = try client.get("/refused")
            #expect(refused.status == 409)
            #expect(refused.text == "no")
        }
    }

    @Test("respond to pipelined requests in order", arguments: DriverKind.allCases)
    func keepsOrder(driver: DriverKind) async throws {
        var router = Router()
        router.get("/wait/{milliseconds}") { request in
            let text = request.parameters["milliseconds"]!
            try await Task.sleep(for: .milliseconds(Int(text)!))
            return .text(text)
        }
        router.get("/now/{name}") { request in .text(request.parameters["name"]!) }
        try await withServer(driver, router) { port in
            let client = RawClient(port: port)
            var requests = ""
            for index in 0..<200 {
                requests += "GET /wait/\(index % 3) HTTP/1.1\r\nHost: a\r\n\r\n"
                requests += "GET /now/\(index) HTTP/1.1\r\nHost: a\r\n\r\n"
            }
            try client.send(requests)
            for index in 0..<200 {
                #expect(try client.readResponse().text == "\(index % 3)")
                #expect(try client.readResponse().text == "\(index)")
            }
        }
    }

    @Test(
        "are cancelled when their client disconnects, also after it has sent FIN", arguments: DriverKind.allCases,
        [true, false])
    func cancelled(driver: DriverKind, afterFIN: Bool) async throws {
        let events = Events()
        var router = Router()
        router.get("/wait") { _ in
            events.add("begun")
            do {
                try await Task.sleep(for: .seconds(60))
            } catch {
                events.add("cancelled")
                throw error
            }
            return .text("never")
        }
        try await withServer(driver, router) { port in
            let client = RawClient(port: port)
            try client.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n")
            try events.wait(for: "begun")
            if afterFIN {
                client.finish()
                // There is no event for the arrival of the FIN.
                usleep(100_000)
                #expect(!events.has("cancelled"))
            }
            client.reset()
            try events.wait(for: "cancelled")
        }
    }

    @Test("send their response to a client that has sent FIN meanwhile", arguments: DriverKind.allCases)
    func halfClosed(driver: DriverKind) async throws {
        let events = Events()
        var router = Router()
        router.get("/wait") { _ in
            events.add("begun")
            try await Task.sleep(for: .milliseconds(1500))
            return .text("late")
        }
        try await withServer(driver, router) { port in
            let client = RawClient(port: port)
            try client.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n")
            try events.wait(for: "begun")
            client.finish()
            #expect(try client.readResponse().text == "late")
        }
    }

    @Test("are cancelled after the handler timeout, and the client gets 503", arguments: DriverKind.allCases)
    func timedOut(driver: DriverKind) async throws {
        let events = Events()
        var router = Router()
        router.get("/wait") { _ in
            defer { events.add("ended") }
            try await Task.sleep(for: .seconds(60))
            return .text("never")
        }
        let configure = { (configuration: inout ServerConfiguration) in
            configuration.handlerTimeout = .milliseconds(50)
        }
        try await withServer(driver, router, configure: configure) { port in
            #expect(try RawClient(port: port).get("/wait").status == 503)
            try events.wait(for: "ended")
        }
    }

    @Test("are cancelled when the shutdown timeout has passed", arguments: DriverKind.allCases)
    func cancelledByStop(driver: DriverKind) async throws {
        let events = Events()
        var router = Router()
        router.get("/wait") { _ in
            events.add("begun")
            defer { events.add("ended") }
            try await Task.sleep(for: .seconds(60))
            return .text("never")
        }
        var configuration = ServerConfiguration(port: 0, threads: 1, driver: driver)
        configuration.shutdownTimeout = .milliseconds(200)
        let server = try Server(router: router, configuration: configuration)
        try await server.start()
        let port = server.port!
        try await onOwnThread {
            let client = RawClient(port: port)
            try client.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n")
            try events.wait(for: "begun")
            server.stopLeavingNothing()
            try events.wait(for: "ended")
            #expect(throws: (any Error).self) { try client.readResponse() }
        }
    }

    @Test("that ignore their cancellation outlive the server, and end", arguments: DriverKind.allCases)
    func outlivesTheServer(driver: DriverKind) async throws {
        let events = Events()
        var router = Router()
        router.get("/stubborn") { _ in
            events.add("begun")
            // On its own thread: the runtime's may be busy with other tests for long.
            try? await onOwnThread { try events.wait(for: "stopped") }
            events.add("ended")
            return .text("too late")
        }
        var configuration = ServerConfiguration(port: 0, threads: 1, driver: driver)
        configuration.shutdownTimeout = .milliseconds(50)
        let server = try Server(router: router, configuration: configuration)
        try await server.start()
        let port = server.port!
        try await onOwnThread {
            let client = RawClient(port: port)
            try client.send("GET /stubborn HTTP/1.1\r\nHost: a\r\n\r\n")
            try events.wait(for: "begun")
            server.stopLeavingNothing()
            #expect(!events.has("ended"))
            events.add("stopped")
            try events.wait(for: "ended")
        }
    }
}
