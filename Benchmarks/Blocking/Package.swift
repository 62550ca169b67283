// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that nothing else resolves GRDB.
let package = Package(
    name: "blocking",
    dependencies: [
        .package(name: "hyperserve", path: "../.."),
        .package(url: "https://github.com/groue/GRDB.swift.git", exact: "7.10.0"),
    ],
    targets: [
        .executableTarget(
            name: "blocking-server",
            dependencies: [
                .product(name: "HyperServe", package: "hyperserve"),
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            path: "Server"
        )
    ],
    swiftLanguageModes: [.v6]
)
