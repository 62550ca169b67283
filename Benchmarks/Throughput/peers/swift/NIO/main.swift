// The peer on SwiftNIO's HTTP/1 codec, with one event loop: nio-peer PORT
import Dispatch
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix

let port = Int(CommandLine.arguments.dropFirst().first ?? "0") ?? 0
// Ended by the operating system: there is nothing to save.
signal(SIGTERM) { _ in _exit(0) }

let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
let pool = NIOThreadPool(numberOfThreads: 4)
pool.start()
let channel = try await ServerBootstrap(group: group)
    .serverChannelOption(.backlog, value: 4096)
    .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
    .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: true)
            try channel.pipeline.syncOperations.addHandler(RequestHandler(pool: pool))
        }
    }
    .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
    .bind(host: "127.0.0.1", port: port).get()
print("peer listening on http://127.0.0.1:\(channel.localAddress!.port!) (SwiftNIO)")
fflush(nil)
try await channel.closeFuture.get()
