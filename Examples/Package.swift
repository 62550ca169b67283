// swift-tools-version: 6.2
import PackageDescription

/// The products for an application, and for its tests.
let hyperserve = Target.Dependency.product(name: "HyperServe", package: "hyperserve")
let testing = Target.Dependency.product(name: "HyperServeTesting", package: "hyperserve")

let package = Package(
    name: "examples",
    dependencies: [.package(name: "hyperserve", path: "..")],
    targets: [
        .target(name: "Notes", dependencies: [hyperserve]),
        .executableTarget(name: "NotesServer", dependencies: ["Notes", hyperserve]),
        .testTarget(name: "NotesTests", dependencies: ["Notes", hyperserve, testing]),

        .target(name: "Reports", dependencies: [hyperserve]),
        .executableTarget(name: "ReportsServer", dependencies: ["Reports", hyperserve]),
        .testTarget(name: "ReportsTests", dependencies: ["Reports", hyperserve, testing]),

        .target(name: "Gateway", dependencies: [hyperserve]),
        .executableTarget(name: "GatewayServer", dependencies: ["Gateway", hyperserve]),
        .testTarget(name: "GatewayTests", dependencies: ["Gateway", hyperserve, testing]),
    ],
    swiftLanguageModes: [.v6]
)
