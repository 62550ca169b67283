// The peer on FlyingFox: flyingfox-peer PORT
import FlyingFox
import Foundation
import Glibc

/// The object of `GET /json`, encoded anew for every request.
struct Message: Encodable {
    let message: String
    let time: Int
}

let port = UInt16(CommandLine.arguments.dropFirst().first ?? "0") ?? 0
// Ended by the operating system: there is nothing to save.
signal(SIGTERM) { _ in _exit(0) }
signal(SIGPIPE, SIG_IGN)

let greeting = Data("Hello, World!".utf8)
let tenKibibytes = Data(repeating: UInt8(ascii: "x"), count: 10 * 1024)
let oneMebibyte = Data(repeating: UInt8(ascii: "x"), count: 1024 * 1024)

func response(to request: HTTPRequest, _ body: Data, _ type: String) -> HTTPResponse {
    var headers: HTTPHeaders = [.contentType: type]
    // FlyingFox closes the connection when it is asked to, but does not say so by itself.
    if request.headers[.connection] == "close" { headers[.connection] = "close" }
    return HTTPResponse(statusCode: .ok, headers: headers, body: body)
}

let text = "text/plain; charset=utf-8"
let octets = "application/octet-stream"
let server = HTTPServer(address: try .inet(ip4: "127.0.0.1", port: port), timeout: 60, logger: .disabled)
await server.appendRoute("GET /") { request in response(to: request, greeting, text) }
await server.appendRoute("GET /json") { request in
    let object = try JSONEncoder().encode(Message(message: "Hello, World!", time: time(nil)))
    return response(to: request, object, "application/json")
}
await server.appendRoute("POST /echo") { request in response(to: request, try await request.bodyData, octets) }
await server.appendRoute("GET /10k") { request in response(to: request, tenKibibytes, octets) }
await server.appendRoute("GET /1m") { request in response(to: request, oneMebibyte, octets) }
let serving = Task { try await server.run() }
try await server.waitUntilListening()
print("peer listening on http://127.0.0.1:\(port) (FlyingFox)")
fflush(nil)
try await serving.value
