import Glibc
import HyperServe

/// The response body of `GET /json`.
struct Greeting: Encodable {
    let message: String
    /// Seconds since 1970.
    let time: Int
}

/// The routes of the demo server.
func demoRoutes() -> Router {
    var router = Router()
    router.get("/") { _ in .text("Hello, World!") }
    router.get("/json") { _ in try .json(Greeting(message: "Hello, World!", time: time(nil))) }
    router.get("/hello/{name}") { request in .text("Hello, \(request.parameters["name"]!)") }
    router.get("/health") { _ in .text("ok") }
    router.post("/") { request in .bytes(request.body.bytes) }
    router.post("/echo") { request in .bytes(request.body.bytes) }
    // To measure middlewares: these three change the response, time it, and handle errors.
    let middlewares: [any Middleware] = [SecurityHeaders(), RequestMetrics { _ in }, ErrorMapping { _ in nil }]
    router.get("/wrapped", with: middlewares) { _ in .text("Hello, World!") }
    // To measure middlewares that log, read the client's address, and create fields for each response.
    let guards: [any Middleware] = [
        AccessLog(.combined) { _ in }, RateLimit(100_000_000, per: .seconds(10_000)), SecurityHeaders(),
    ]
    router.get("/guarded", with: guards) { _ in .text("Hello, World!") }
    router.get("/async") { _ async throws in .text("Hello, World!") }
    router.get("/blocking", .blocking) { _ in .text("Hello, World!") }
    // In place of a handler that waits for a database or a file: 10 ms on a thread of the pool.
    router.get("/sleep", .blocking) { _ in
        usleep(10_000)
        return .text("slept")
    }
    return router
}
