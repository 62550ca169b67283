// The peer on Hummingbird 2, with one event loop: hummingbird-peer PORT [--close]
import FoundationEssentials
import Glibc
import Hummingbird
import Logging
import NIOPosix

/// The object of `GET /json`, encoded anew for every request.
struct Message: ResponseEncodable {
    let message: String
    let time: Int
}

let port = Int(CommandLine.arguments.dropFirst().first ?? "0") ?? 0
// Ended by the operating system: there is nothing to save.
signal(SIGTERM) { _ in _exit(0) }

let tenKibibytes = ByteBuffer(repeating: UInt8(ascii: "x"), count: 10 * 1024)
let oneMebibyte = ByteBuffer(repeating: UInt8(ascii: "x"), count: 1024 * 1024)
let chunk = ByteBuffer(repeating: UInt8(ascii: "x"), count: 4096)
let pool = NIOThreadPool(numberOfThreads: 4)
pool.start()

func bytes(_ body: ByteBuffer) -> Response {
    Response(
        status: .ok,
        headers: [.contentType: "application/octet-stream", .contentLength: "\(body.readableBytes)"],
        body: ResponseBody(byteBuffer: body))
}

/// Says that the connection closes: Hummingbird closes it when it is asked to, but does not say so by itself.
struct ClosingMiddleware<Context: RequestContext>: RouterMiddleware {
    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        if request.headers[.connection] == "close" { response.headers[.connection] = "close" }
        return response
    }
}

let router = Router()
if CommandLine.arguments.contains("--close") { router.add(middleware: ClosingMiddleware()) }
router.get("/") { _, _ in "Hello, World!" }
router.get("/json") { _, _ in Message(message: "Hello, World!", time: time(nil)) }
router.post("/echo") { request, _ in bytes(try await request.body.collect(upTo: 1 << 20)) }
router.get("/10k") { _, _ in bytes(tenKibibytes) }
router.get("/1m") { _, _ in bytes(oneMebibyte) }
router.get("/stream") { _, _ in
    let body = ResponseBody { writer in
        for _ in 0..<16 { try await writer.write(chunk) }
        try await writer.finish(nil)
    }
    return Response(status: .ok, headers: [.contentType: "application/octet-stream"], body: body)
}
router.get("/blocking") { _, _ in
    try await pool.runIfActive { _ = usleep(1000) }
    return "Hello, World!"
}

var logger = Logger(label: "peer")
logger.logLevel = .error
let application = Application(
    router: router,
    configuration: .init(address: .hostname("127.0.0.1", port: port), backlog: 4096),
    onServerRunning: { channel in
        print("peer listening on http://127.0.0.1:\(channel.localAddress!.port!) (Hummingbird)")
        fflush(nil)
    },
    eventLoopGroupProvider: .shared(MultiThreadedEventLoopGroup(numberOfThreads: 1)),
    logger: logger)
try await application.run()
