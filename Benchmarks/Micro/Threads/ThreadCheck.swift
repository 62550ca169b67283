import Glibc
import HyperServe
import HyperServeTesting
import Synchronization

/// Checks on which thread the code of handlers runs after each `await`. Only a release build shows it: the optimizer
/// leaves out switches between threads that a debug build makes.
enum ThreadCheck {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Sends a request to each route, in pieces, so that the handlers wait. Returns the number of awaits checked.
    static func run() async throws -> Int {
        let trace = ThreadTrace()
        let client = try TestClient(router: routes(trace))
        _ = try await client.get("/thread")
        for path in ["/context", "/hops", "/inline-stream", "/async-stream", "/blocking-stream"] {
            for _ in 0..<20 { try await expectSuccess(client.get(path), path) }
        }
        for path in ["/body", "/iterator", "/collect", "/echo", "/echo-blocking"] {
            let upload = try await client.beginUpload(.post, path)
            try await upload.write("one")
            for piece in ["two", "three"] {
                try await Task.sleep(for: .milliseconds(2))
                try await upload.write(piece)
            }
            try await Task.sleep(for: .milliseconds(2))
            try await expectSuccess(upload.response(), path)
        }
        let forms = ["parts", "collect", "next"].map { "/form/\($0)" }
        for path in forms {
            let part = "--x\r\nContent-Disposition: form-data; name=a\r\n\r\nvalue\r\n"
            let upload = try await client.beginUpload(
                .post, path, headers: ["Content-Type": "multipart/form-data; boundary=x"])
            for piece in [String(part.prefix(20)), String(part.dropFirst(20)), part + "--x--\r\n"] {
                try await upload.write(piece)
                try await Task.sleep(for: .milliseconds(2))
            }
            try await expectSuccess(upload.response(), path)
        }
        try await expectSuccess(client.post("/json", json: ["a": 1]), "/json")
        try await expectSuccess(
            client.post("/decode", headers: ["Content-Type": "application/x-www-form-urlencoded"], body: "a=1"),
            "/decode")
        return try trace.check()
    }

    private static func expectSuccess(_ response: TestResponse, _ path: String) throws {
        guard response.status == .ok else { throw Failure(description: "\(path): \(response.status) \(response.text)") }
    }
}

/// The threads on which the code of handlers has run.
final class ThreadTrace: Sendable {
    private struct State {
        var reactor: UInt?
        var marks: [(place: String, isOnReactor: Bool, isExpected: Bool)] = []
    }

    private let state = Mutex(State())

    // Not inlined, because the thread must be read again after each `await`.
    @inline(never)
    private static func thread() -> UInt { UInt(pthread_self()) }

    /// Records that the calling thread is the reactor's.
    func setReactor() {
        let thread = Self.thread()
        state.withLock { $0.reactor = thread }
    }

    /// Records a place in a handler, which must be on the reactor.
    func mark(_ place: String) { add(place, isExpected: true) }

    /// Records a place that must not be on the reactor.
    func markElsewhere(_ place: String) { add(place, isExpected: false) }

    private func add(_ place: String, isExpected: Bool) {
        let thread = Self.thread()
        state.withLock { $0.marks.append((place, thread == $0.reactor, isExpected)) }
    }

    /// Returns the number of places; throws if one was on the wrong thread.
    func check() throws -> Int {
        let marks = state.withLock { $0.marks }
        let wrong = Set(marks.filter { $0.isOnReactor != $0.isExpected }.map(\.place)).sorted()
        guard wrong.isEmpty else {
            throw ThreadCheck.Failure(description: "on the wrong thread: " + wrong.joined(separator: ", "))
        }
        return Set(marks.map(\.place)).count
    }
}
