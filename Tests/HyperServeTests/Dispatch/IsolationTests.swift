import HyperServe
import TestSupport
import Testing

@globalActor
private actor OtherActor {
    static let shared = OtherActor()
}

/// The thread on which code begins does not tell where it continues.
@Suite("Bodies and writers in code of any isolation", .timeLimit(.minutes(20)))
struct IsolationTests {
    typealias Operation = nonisolated(nonsending) @Sendable () async throws -> Int

    /// From where a handler uses a body or a writer.
    enum Place: String, CaseIterable, Sendable {
        case handler, immediateTask, immediateTaskOfReactor, asyncLet, group, immediateInGroup, detachedTask
        case globalActor, concurrent

        nonisolated(nonsending) func call(_ operation: @escaping Operation) async throws -> Int {
            switch self {
            case .handler: return try await operation()
            case .immediateTask: return try await Task.immediate { try await operation() }.value
            case .immediateTaskOfReactor: return try await Place.startOnReactor(operation)
            case .asyncLet:
                async let count = operation()
                return try await count
            case .group, .immediateInGroup:
                return try await withThrowingTaskGroup(of: Int.self) { group in
                    if self == .group {
                        group.addTask { try await operation() }
                    } else {
                        group.addImmediateTask { try await operation() }
                    }
                    return try await group.next() ?? 0
                }
            case .detachedTask: return try await Task.detached { try await operation() }.value
            case .globalActor: return try await Place.callOnOtherActor(operation)
            case .concurrent: return try await Place.callConcurrently(operation)
            }
        }

        private static func startOnReactor(
            _ operation: @escaping Operation, isolation: isolated (any Actor)? = #isolation
        ) async throws -> Int {
            let task = Task.immediate {
                // Makes the task's isolation that of the handler.
                _ = isolation
                return try await operation()
            }
            return try await task.value
        }

        @OtherActor
        private static func callOnOtherActor(_ operation: Operation) async throws -> Int { try await operation() }

        @concurrent
        private static func callConcurrently(_ operation: Operation) async throws -> Int { try await operation() }
    }

    private static let clientCount = 12
    private static let byteCount = 200
    private static let writeCount = 60
    private static let piece = [UInt8](repeating: 0x61, count: 10_000)

    private static func uploads(_ place: Place) -> Router {
        var router = Router()
        router.post("/", body: .stream) { request async throws in
            let chunks = request.body.chunks
            let count = try await place.call {
                var count = 0
                for try await chunk in chunks { count += chunk.count }
                return count
            }
            return .text("\(count)")
        }
        return router
    }

    @Test("read every byte of bodies that arrive byte by byte", arguments: DriverKind.allCases, Place.allCases)
    func reading(driver: DriverKind, place: Place) async throws {
        try await withServer(driver, Self.uploads(place)) { port in
            let clients = (0..<Self.clientCount).map { _ in RawClient(port: port) }
            for client in clients {
                try client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(Self.byteCount)\r\n\r\n")
            }
            for _ in 0..<Self.byteCount {
                for client in clients { try client.send([0x61]) }
            }
            for client in clients { #expect(try client.readResponse().text == "\(Self.byteCount)") }
        }
    }

    @Test("write responses whole, also while they wait for room", arguments: DriverKind.allCases, Place.allCases)
    func writing(driver: DriverKind, place: Place) async throws {
        var router = Router()
        router.get("/") { _ in
            .stream { (writer: ResponseWriter) async throws in
                _ = try await place.call {
                    for _ in 0..<Self.writeCount { try await writer.write(Self.piece) }
                    return Self.writeCount
                }
            }
        }
        try await withServer(driver, router) { port in
            let clients = (0..<Self.clientCount).map { _ in RawClient(port: port) }
            for client in clients { try client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n") }
            for client in clients {
                let body = try client.readResponse().body
                #expect(body.count == Self.writeCount * Self.piece.count && body.allSatisfy { $0 == 0x61 })
            }
        }
    }

    @Test("are used by one task at a time: of two readers, one gets an error", arguments: DriverKind.allCases)
    func twoReaders(driver: DriverKind) async throws {
        let events = Events()
        var router = Router()
        router.post("/", body: .stream) { request async throws in
            let chunks = request.body.chunks
            let name = request.query.string
            let read = { @Sendable () async throws -> (count: Int, failures: Int) in
                var count = 0
                do {
                    for try await chunk in chunks { count += chunk.count }
                } catch StreamError.usedConcurrently {
                    events.add(name)
                    return (count, 1)
                }
                return (count, 0)
            }
            let (first, second) = (Task.immediate { try await read() }, Task.immediate { try await read() })
            let results = (try await first.value, try await second.value)
            return .text("\(results.0.count + results.1.count) \(results.0.failures + results.1.failures)")
        }
        try await withServer(driver, router) { port in
            let clients = (0..<Self.clientCount).map { _ in RawClient(port: port) }
            for (index, client) in clients.enumerated() {
                let fields = "Host: a\r\nContent-Length: \(Self.byteCount)\r\n"
                try client.send("POST /?\(index) HTTP/1.1\r\n\(fields)\r\n")
            }
            // Both wait, and neither has read anything.
            for index in clients.indices { try events.wait(for: "\(index)") }
            for _ in 0..<Self.byteCount {
                for client in clients { try client.send([0x61]) }
            }
            for client in clients { #expect(try client.readResponse().text == "\(Self.byteCount) 1") }
        }
    }

    @Test("are used by one task at a time: the writes of two tasks are not mixed", arguments: DriverKind.allCases)
    func twoWriters(driver: DriverKind) async throws {
        var router = Router()
        router.get("/") { _ in
            .stream { (writer: ResponseWriter) async throws in
                let write = { @Sendable (byte: UInt8) async throws in
                    let piece = [UInt8](repeating: byte, count: Self.piece.count)
                    do {
                        for _ in 0..<Self.writeCount { try await writer.write(piece) }
                    } catch StreamError.usedConcurrently {}
                }
                let (first, second) = (Task.immediate { try await write(0) }, Task.immediate { try await write(1) })
                _ = (try await first.value, try await second.value)
            }
        }
        try await withServer(driver, router) { port in
            let clients = (0..<Self.clientCount).map { _ in RawClient(port: port) }
            for client in clients { try client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n") }
            for client in clients {
                let body = try client.readResponse().body
                let pieces = stride(from: 0, to: body.count, by: Self.piece.count).map {
                    Set(body[$0..<min($0 + Self.piece.count, body.count)])
                }
                #expect(body.count.isMultiple(of: Self.piece.count) && pieces.allSatisfy { $0.count == 1 })
                // One of the two has written everything.
                #expect(max(pieces.count { $0 == [0] }, pieces.count { $0 == [1] }) == Self.writeCount)
            }
        }
    }

    /// Starts a task that outlives the request.
    private struct Outliving: AsyncRequestFilter {
        let events: Events

        nonisolated(nonsending) func before(
            _ request: borrowing Request, context: inout RequestContext
        ) async throws -> Response? {
            start(events)
            return nil
        }

        private func start(_ events: Events, isolation: isolated (any Actor)? = #isolation) {
            Task {
                try events.wait(for: "sent")
                isolation?.preconditionIsolated()
                events.add("isolated")
            }
        }
    }

    @Test(
        "outlive the request of a blocking handler isolated to the same actor", arguments: DriverKind.allCases)
    func outliving(driver: DriverKind) async throws {
        let events = Events()
        var router = Router()
        router.use(Outliving(events: events))
        router.get("/", .blocking) { _ in .text("here") }
        try await withServer(driver, router) { port in
            #expect(try RawClient(port: port).get("/").text == "here")
            events.add("sent")
            try events.wait(for: "isolated")
        }
    }
}
