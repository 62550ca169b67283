import HyperServe
import Reactor

// Whole requests, from the bytes received to the bytes to be sent, through everything but the kernel: a reactor with 64
// connections whose driver has a request on each of them in every turn.
extension MeasuredOperation {
    static let requests = [
        MeasuredOperation(name: "request-text") { repeatRequest(Inputs.smallHead) },
        MeasuredOperation(name: "request-browser") { repeatRequest(Inputs.browserHead) },
        MeasuredOperation(name: "request-parameter") { repeatRequest(Inputs.parameterRequest) },
        MeasuredOperation(name: "request-wrapped") { repeatRequest(Inputs.wrappedRequest) },
        // Counts that a path without a route is matched only once.
        MeasuredOperation(name: "request-missing") {
            repeatRequest(Inputs.missingRequest, statusDigit: UInt8(ascii: "4"))
        },
        MeasuredOperation(name: "request-json") { repeatRequest(Inputs.jsonRequest) },
        MeasuredOperation(name: "request-echo") { repeatRequest(Inputs.echoRequest) },
        MeasuredOperation(name: "request-async") { repeatRequest(Inputs.asyncRequest) },
        MeasuredOperation(name: "request-stream") { repeatRequest(Inputs.streamRequest) },
        MeasuredOperation(name: "request-pipelined") { repeatRequest(Inputs.smallHead, pipelined: 16) },
    ]

    private struct Greeting: Encodable {
        let message: String
        let time: Int
    }

    /// Requests `pipelined` at a time, as often as makes at least the count asked for.
    private static func repeatRequest(
        _ text: String, pipelined: Int = 1, statusDigit: UInt8 = UInt8(ascii: "2")
    ) -> (Int) -> Int {
        let bytes = Array(String(repeating: text, count: pipelined).utf8)
        let requestsOfTurn = ReplayDriver.connectionCount * pipelined
        do {
            let service = try Server(router: routes).makeService()
            // Connections without an address are closed.
            let peer = try SocketAddress.resolve(host: "192.0.2.1", port: 80).first
            var configuration = service.connections
            configuration.maximumRequestsPerConnection = .max
            return { count in
                let turnCount = (count + requestsOfTurn - 1) / requestsOfTurn
                do {
                    let mailbox = try ReactorMailbox { _ in peer }
                    let sent = ReplayDriver.Total()
                    let driver = ReplayDriver(
                        bytes, statusDigit: statusDigit, turnCount: turnCount, mailbox: mailbox, sent: sent)
                    var reactor = Reactor(
                        driver: driver, mailbox: mailbox, configuration: configuration,
                        application: service.makeApplication())
                    try reactor.run()
                    return sent.byteCount
                } catch {
                    preconditionFailure("a driver without a kernel does not fail: \(error)")
                }
            }
        } catch {
            preconditionFailure("the routes are valid, and need no pool: \(error)")
        }
    }

    private static var routes: Router {
        var router = Router()
        router.get("/") { _ in .text("Hello, World!") }
        let middlewares: [any Middleware] = [SecurityHeaders(), RequestMetrics { _ in }, ErrorMapping { _ in nil }]
        router.get("/wrapped", with: middlewares) { _ in .text("Hello, World!") }
        router.get("/catalogue/search/results") { _ in .text("Hello, World!") }
        router.get("/json") { _ in try .json(Greeting(message: "Hello, World!", time: 1_700_000_000)) }
        router.get("/hello/{name}") { request in .text("Hello, \(request.parameters["name"]!)") }
        router.get("/async") { _ async in .text("Hello, World!") }
        let chunk = [UInt8](repeating: UInt8(ascii: "x"), count: 1024)
        router.get("/stream") { _ in
            .stream { writer in
                for _ in 0..<16 { try await writer.write(chunk) }
            }
        }
        router.post("/echo") { request in .bytes(request.body.bytes) }
        return router
    }
}
