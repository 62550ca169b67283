// swift-tools-version: 6.2
import PackageDescription

// Apart from the project's own package, so that nobody who uses that has to fetch what is only measured against.
let package = Package(
    name: "benchmarks",
    dependencies: [
        .package(name: "hyperserve", path: ".."),
        .package(url: "https://github.com/apple/swift-nio.git", exact: "2.101.2"),
    ],
    targets: [
        .target(name: "CMeter", path: "Pool/CMeter"),
        .executableTarget(
            name: "pool-bench",
            dependencies: [
                "CMeter",
                .product(name: "ThreadPool", package: "hyperserve"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            path: "Pool/PoolBench"
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
