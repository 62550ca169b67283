// swift-tools-version: 6.2
import PackageDescription

/// The settings of every Swift target. An unsafe operation that is not marked `unsafe` is an error.
let strict: [SwiftSetting] = [
    .strictMemorySafety(),
    .treatWarning("StrictMemorySafety", as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

/// For targets with async functions: these run where their callers do, so that a handler stays on its reactor.
let nonsending = strict + [.enableUpcomingFeature("NonisolatedNonsendingByDefault")]

/// The system's zlib, with the trait `Compression`.
let zlib = Target.Dependency.target(name: "CZlib", condition: .when(traits: ["Compression"]))

let package = Package(
    name: "hyperserve",
    products: [
        .library(name: "HyperServe", targets: ["HyperServe"]),
        .library(name: "HyperServeFoundation", targets: ["HyperServeFoundation"]),
        .library(name: "HyperServeTesting", targets: ["HyperServeTesting"]),
        .library(name: "ThreadPool", targets: ["ThreadPool"]),
        .executable(name: "hyperserve", targets: ["HyperServeDemo"]),
    ],
    // All are off by default. The dependencies of a trait that is off are neither compiled nor linked.
    traits: [
        .trait(name: "Compression", description: "Gzip compression of responses, by the system's zlib (zlib1g-dev).")
    ],
    targets: [
        // C: macros, inline functions, atomic fields and vector instructions, which Swift can't import or express.
        .systemLibrary(
            name: "CLiburing",
            path: "CSupport/CLiburing",
            pkgConfig: "liburing",
            providers: [.apt(["liburing-dev"])]
        ),
        .target(
            name: "CHyperURing",
            dependencies: ["CLiburing"],
            path: "CSupport/CHyperURing",
            // Not only in CLiburing: SwiftPM reads it there from pkg-config, which may not be installed.
            linkerSettings: [.linkedLibrary("uring")]
        ),
        .systemLibrary(name: "CZlib", path: "CSupport/CZlib"),
        .target(name: "CLockFree", path: "CSupport/CLockFree"),
        .target(name: "CPlatform", path: "CSupport/CPlatform"),
        .target(name: "CHTTPScan", path: "CSupport/CHTTPScan"),

        // Swift: each target depends only on earlier ones. Platform is not a product. Its types on the hot path are
        // public, with package members: members of a package type are not inlined into other modules.
        .target(name: "Platform", dependencies: ["CLockFree", "CPlatform"], swiftSettings: nonsending),
        .target(name: "HTTPCore", dependencies: ["CHTTPScan"], swiftSettings: strict),
        .target(name: "HTTP1", dependencies: ["CHTTPScan", "HTTPCore"], swiftSettings: strict),
        .target(name: "Routing", dependencies: ["HTTPCore"], swiftSettings: strict),
        .target(name: "JSON", dependencies: ["CPlatform", "HTTPCore"], swiftSettings: strict),
        .target(name: "ThreadPool", dependencies: ["Platform"], swiftSettings: strict),
        .target(
            name: "Reactor",
            dependencies: ["CLiburing", "CHyperURing", "CPlatform", "HTTP1", "HTTPCore", "Platform", "ThreadPool"],
            exclude: ["README.md"],
            swiftSettings: nonsending
        ),
        .target(
            name: "HyperServe",
            dependencies: ["HTTPCore", "JSON", "Platform", "Reactor", "Routing", "ThreadPool", zlib],
            swiftSettings: nonsending
        ),
        // The only module that links Foundation, and what does not depend on it links none.
        .target(
            name: "HyperServeFoundation",
            dependencies: ["HTTPCore", "HyperServe", "JSON"],
            swiftSettings: strict
        ),
        .target(
            name: "HyperServeTesting",
            dependencies: ["HTTPCore", "HyperServe", "Platform", "Reactor"],
            swiftSettings: nonsending
        ),
        .executableTarget(
            // Names of targets are unique among all packages of a program.
            name: "HyperServeDemo",
            dependencies: ["HyperServe"],
            path: "Sources/Demo",
            swiftSettings: strict
        ),

        // The cost of single operations: timed by `make bench-micro`, counted by Benchmarks/Micro/count. It also checks
        // the threads of handlers in a release build.
        .executableTarget(
            name: "micro",
            dependencies: [
                "HTTP1", "HTTPCore", "HyperServe", "HyperServeTesting", "Platform", "Reactor", "Routing", "ThreadPool",
            ],
            path: "Benchmarks/Micro",
            exclude: ["count", "thresholds"],
            swiftSettings: strict
        ),

        // Tests, with a folder for each module.
        .target(
            name: "TestSupport",
            dependencies: ["HTTP1", "HTTPCore", "Platform", "Routing"],
            path: "Tests/TestSupport",
            swiftSettings: strict
        ),
        .testTarget(name: "HTTPCoreTests", dependencies: ["HTTPCore", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "HTTP1Tests",
            dependencies: ["CHTTPScan", "HTTP1", "HTTPCore", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(name: "RoutingTests", dependencies: ["HTTPCore", "Routing", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "JSONTests",
            dependencies: ["CPlatform", "HTTPCore", "JSON", "TestSupport"],
            swiftSettings: strict
        ),
        .target(name: "LockFreeTestSupport", dependencies: ["CLockFree"], path: "Tests/LockFreeTestSupport"),
        .testTarget(
            name: "LockFreeTests",
            dependencies: ["CLockFree", "LockFreeTestSupport"],
            swiftSettings: strict
        ),
        .testTarget(name: "PlatformTests", dependencies: ["Platform", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "ThreadPoolTests",
            dependencies: ["Platform", "TestSupport", "ThreadPool"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "ReactorTests",
            dependencies: ["CPlatform", "HTTP1", "HTTPCore", "Platform", "Reactor", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "HyperServeTests",
            dependencies: [
                "HTTP1", "HTTPCore", "HyperServe", "HyperServeTesting", "Platform", "Reactor", "TestSupport", zlib,
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "HyperServeFoundationTests",
            dependencies: ["HyperServe", "HyperServeFoundation", "HyperServeTesting", "JSON", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "HyperServeTestingTests",
            dependencies: ["HyperServe", "HyperServeTesting"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "FuzzTests",
            dependencies: ["HTTP1", "HTTPCore", "HyperServe", "Reactor", "Routing", "TestSupport"],
            path: "Tests/Fuzz",
            exclude: ["corpus", "run.sh", "words.dict"],
            swiftSettings: strict
        ),
        .testTarget(name: "TidyTests", dependencies: ["TestSupport"], swiftSettings: strict),
        .testTarget(name: "GateTests", dependencies: ["TestSupport"], swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6],
    cLanguageStandard: .c11
)
