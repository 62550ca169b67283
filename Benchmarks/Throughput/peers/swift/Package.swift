// swift-tools-version: 6.2
import PackageDescription

// The Swift peers, in a package of their own: only a throughput test fetches what HyperServe is compared with.
let package = Package(
    name: "peers",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio.git", exact: "2.101.2"),
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", exact: "2.28.1"),
        .package(url: "https://github.com/swhitty/FlyingFox.git", exact: "0.27.1"),
    ],
    targets: [
        .executableTarget(
            name: "nio-peer",
            dependencies: [
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            path: "NIO"
        ),
        .executableTarget(
            name: "hummingbird-peer",
            dependencies: [
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            path: "Hummingbird"
        ),
        .executableTarget(
            name: "flyingfox-peer",
            dependencies: [.product(name: "FlyingFox", package: "FlyingFox")],
            path: "FlyingFox"
        ),
    ],
    swiftLanguageModes: [.v6]
)
