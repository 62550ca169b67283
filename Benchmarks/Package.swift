// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that users of HyperServe never fetch what it is only compared with.
let package = Package(
    name: "benchmarks",
    dependencies: [
        .package(name: "hyperserve", path: ".."),
        .package(url: "https://github.com/apple/swift-nio.git", exact: "2.101.2"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift.git", exact: "0.2.0"),
    ],
    targets: [
        .target(name: "CMeter", path: "Pool/CMeter"),
        .target(name: "MutexPool", path: "Pool/MutexPool"),
        .executableTarget(
            name: "pool-bench",
            dependencies: [
                "CMeter",
                "MutexPool",
                .product(name: "ThreadPool", package: "hyperserve"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            path: "Pool/PoolBench"
        ),
        .systemLibrary(name: "CEpoll", path: "Load/CEpoll"),
        .executableTarget(
            name: "open-loop",
            dependencies: ["CEpoll", .product(name: "Histogram", package: "hdrhistogram-swift")],
            path: "Load",
            exclude: ["CEpoll"]
        ),
        .executableTarget(
            name: "bench-server",
            dependencies: ["MutexPool", .product(name: "HyperServe", package: "hyperserve")],
            path: "Throughput/Server"
        ),
        .executableTarget(
            name: "json-bench",
            dependencies: [.product(name: "HyperServe", package: "hyperserve")],
            path: "JSON"
        ),
    ],
    swiftLanguageModes: [.v6],
    cLanguageStandard: .c11
)
