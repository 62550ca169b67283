import Glibc
import HyperServe
import Testing

/// Routes for tests of limits.
func limitRoutes(_ events: Events = Events()) -> Router {
    var router = Router()
    router.get("/{rest...}") { _ in .text("ok") }
    router.post("/size") { request in .text("\(request.body.bytes.count)") }
    router.get("/large") { _ in .bytes([UInt8](repeating: 120, count: 8 << 20)) }
    router.get("/brief", .blocking) { _ in .text("brief") }
    // Responds when the test says so.
    router.get("/held", .blocking) { _ in
        events.add("begun")
        try events.wait(for: "released")
        return .text("held")
    }
    return router
}

extension RawClient {
    /// Expects the last response on this connection, with this status.
    func expectRefusal(_ status: Int) throws {
        let response = try readResponse()
        #expect(response.status == status)
        #expect(response.headers["connection"] == "close")
        #expect(try readToEnd().isEmpty, "nothing follows, and the connection ends")
    }

    /// Tries until a closed connection has made room.
    static func expectRoom(port: Int, from source: UInt32 = 0x7F00_0001) throws {
        for _ in 0..<1000 {
            if try RawClient(port: port, from: source).get("/").status == 200 { return }
            usleep(20_000)
        }
        Issue.record("there is no room although a connection has ended")
    }

    /// Expects a response that keeps the connection open.
    func expectService() throws {
        let response = try get("/next")
        #expect(response.status == 200 && response.headers["connection"] != "close")
    }
}
