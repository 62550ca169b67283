import FoundationEssentials
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix

/// Responds to the requests of one connection. Only its event loop calls it.
final class RequestHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    /// The object of `GET /json`, encoded anew for every request.
    struct Message: Encodable {
        let message: String
        let time: Int
    }

    private static let greeting = ByteBuffer(string: "Hello, World!")
    private static let tenKibibytes = ByteBuffer(repeating: UInt8(ascii: "x"), count: 10 * 1024)
    private static let oneMebibyte = ByteBuffer(repeating: UInt8(ascii: "x"), count: 1024 * 1024)
    private static let chunk = ByteBuffer(repeating: UInt8(ascii: "x"), count: 4096)
    private static let text = "text/plain; charset=utf-8"
    private static let bytes = "application/octet-stream"

    private let pool: NIOThreadPool
    private var head: HTTPRequestHead?
    private var body = ByteBuffer()
    private let encoder = JSONEncoder()

    init(pool: NIOThreadPool) { self.pool = pool }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body.clear()
        case .body(var part): body.writeBuffer(&part)
        case .end:
            guard let head else { return }
            respond(to: head, context)
        }
    }

    private func respond(to head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        switch (head.method, head.uri) {
        case (.GET, "/"): send(Self.greeting, Self.text, head, context)
        case (.GET, "/json"):
            let message = Message(message: "Hello, World!", time: time(nil))
            guard let data = try? encoder.encode(message) else { return context.close(promise: nil) }
            send(ByteBuffer(bytes: data), "application/json", head, context)
        case (.POST, "/echo"): send(body, Self.bytes, head, context)
        case (.GET, "/10k"): send(Self.tenKibibytes, Self.bytes, head, context)
        case (.GET, "/1m"): send(Self.oneMebibyte, Self.bytes, head, context)
        case (.GET, "/stream"): stream(head, context)
        case (.GET, "/blocking"):
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            pool.runIfActive(eventLoop: context.eventLoop) { _ = usleep(1000) }.whenSuccess {
                let (handler, context) = bound.value
                handler.send(Self.greeting, Self.text, head, context)
            }
        default: send(ByteBuffer(), Self.text, head, context, status: .notFound)
        }
    }

    private func send(
        _ body: ByteBuffer, _ type: String, _ head: HTTPRequestHead, _ context: ChannelHandlerContext,
        status: HTTPResponseStatus = .ok
    ) {
        var fields: HTTPHeaders = [
            "Date": DateText.current(), "Content-Type": type, "Content-Length": "\(body.readableBytes)",
        ]
        if !head.isKeepAlive { fields.add(name: "Connection", value: "close") }
        let response = HTTPResponseHead(version: .http1_1, status: status, headers: fields)
        context.write(wrapOutboundOut(.head(response)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        finish(head, context)
    }

    /// Sixteen chunks, each written and flushed by itself.
    private func stream(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        var fields: HTTPHeaders = ["Date": DateText.current(), "Content-Type": Self.bytes]
        if !head.isKeepAlive { fields.add(name: "Connection", value: "close") }
        let response = HTTPResponseHead(version: .http1_1, status: .ok, headers: fields)
        context.write(wrapOutboundOut(.head(response)), promise: nil)
        for _ in 0..<16 { context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(Self.chunk))), promise: nil) }
        finish(head, context)
    }

    private func finish(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        guard !head.isKeepAlive else { return context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil) }
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in bound.value.close(promise: nil) }
    }
}
