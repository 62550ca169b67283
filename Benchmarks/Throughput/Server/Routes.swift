import Glibc
import HyperServe

/// The object of `GET /json`, encoded anew for every request.
struct Message: Encodable {
    let message: String
    /// Seconds since 1970.
    let time: Int
}

// Created at the first request, so that it is not part of the memory after the start.
private let oneMebibyte = [UInt8](repeating: UInt8(ascii: "x"), count: 1024 * 1024)

/// The routes of every server in the throughput tests.
func routes(_ place: HandlerPlace) -> Router {
    let tenKibibytes = [UInt8](repeating: UInt8(ascii: "x"), count: 10 * 1024)
    let chunk = [UInt8](repeating: UInt8(ascii: "x"), count: 4096)
    var router = Router()
    place.add(.get, "/", to: &router) { _ in .text("Hello, World!") }
    place.add(.get, "/json", to: &router) { _ in try .json(Message(message: "Hello, World!", time: time(nil))) }
    place.add(.post, "/echo", to: &router) { body in .bytes(body) }
    place.add(.get, "/10k", to: &router) { _ in .bytes(tenKibibytes) }
    place.add(.get, "/1m", to: &router) { _ in .bytes(oneMebibyte) }
    let computation = Computation()
    place.add(.get, "/compute", to: &router) { _ in .text(String(computation.run())) }
    place.addBlocking(.get, "/blocking", to: &router) { _ in
        usleep(1000)
        return .text("Hello, World!")
    }
    // Streams are written on the reactor, or block a thread of the pool; the mutex pool has no streams.
    if place == .pool {
        router.get("/stream", .blocking) { _ in
            .blockingStream { writer in
                for _ in 0..<16 { try writer.write(chunk) }
            }
        }
    } else {
        router.get("/stream") { _ in
            .stream { writer in
                for _ in 0..<16 { try await writer.write(chunk) }
            }
        }
    }
    return router
}
