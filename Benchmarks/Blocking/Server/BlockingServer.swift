import Glibc
import HyperServe

// The server that `Benchmarks/Throughput/blocking` measures: blocking-server [io_uring|epoll].
@main
struct BlockingServer {
    static func main() async throws {
        var configuration = ServerConfiguration(port: 0)
        configuration.driver = CommandLine.arguments.dropFirst().first.flatMap { DriverKind(rawValue: $0) }
        // Load generators keep their connections for longer than the default allows.
        configuration.maximumRequestsPerConnection = .max
        let server = try Server(router: routes, configuration: configuration)
        try await server.run {
            guard let address = server.address, let driver = server.driver else { return }
            print("blocking-server listening on http://\(address) (driver \(driver.rawValue))")
            fflush(nil)
        }
    }

    private static var routes: Router {
        var router = Router()
        router.get("/") { _ in .text("Hello, World!") }
        router.get("/async") { _ async in .text("Hello, World!") }
        router.get("/sleep") { _ in
            try await Task.sleep(for: .milliseconds(1))
            return .text("Hello, World!")
        }
        router.post("/body", body: .stream) { request in
            var count = 0
            for try await chunk in request.body.chunks { count += chunk.count }
            return .text("\(count)")
        }
        router.get("/stream") { _ in
            // The load generator reads no chunks.
            .stream(contentLength: 52) { writer in
                for _ in 0..<4 { try await writer.write("Hello, World!") }
            }
        }
        router.get("/blocking", .blocking) { _ in
            usleep(1000)
            return .text("Hello, World!")
        }
        for blocker in Blocker.allCases {
            router.get("/block/\(blocker.rawValue)") { _ in
                try await blocker.run()
                return .text("blocked for 500 ms")
            }
        }
        let chunk = [UInt8](repeating: UInt8(ascii: "x"), count: 16 * 1024)
        router.get("/download", .blocking) { _ in
            .blockingStream { writer in
                for _ in 0..<4096 { try writer.write(chunk) }
            }
        }
        return router
    }
}
