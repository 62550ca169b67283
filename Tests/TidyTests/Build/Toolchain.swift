import TestSupport

/// The tools that come with Swift.
enum Toolchain {
    static let isOnPath = Command("swift", "--version").exitStatus == 0

    static let hasDocC = Command("docc", "--help").exitStatus == 0

    static let lintArguments = [
        "--strict", "--recursive", "--parallel", "Package.swift", "Sources", "Tests", "Benchmarks", "Examples",
    ]

    /// Checks the code of a program against the modules of this run, or that of a manifest against SwiftPM's.
    static func typecheck(_ code: String, isManifest: Bool) -> Command {
        var arguments = ["swiftc", "-typecheck", "-swift-version", "6"]
        if isManifest {
            arguments += ["-I", "\(resourcePath)/pm/ManifestAPI", "-package-description-version", "6.2.0"]
        } else {
            arguments += moduleArguments
        }
        // The shell passes the code as standard input, and the rest as words that need no quotes.
        return Command(["sh", "-c", "printf %s \"$0\" | \"$@\" -", code] + arguments)
    }

    /// Checks the sources of a module, each line changed by a script of sed, against the other modules of this run.
    static func typecheck(module: String, changedBy edits: String) -> Command {
        // SwiftPM names a package after its folder.
        let package = String(Repository.root.split(separator: "/").last ?? "").lowercased()
        let arguments =
            ["swiftc", "-typecheck", "-swift-version", "6", "-module-name", module, "-package-name", package]
            + ["-enable-upcoming-feature", "MemberImportVisibility"] + moduleArguments
        let script = """
            folder=$(mktemp -d)
            for file in Sources/\(module)/*.swift; do sed "$0" "$file" > "$folder/${file##*/}"; done
            "$@" "$folder"/*.swift
            status=$?
            rm -r "$folder"
            exit $status
            """
        return Command(["sh", "-c", script, edits] + arguments)
    }

    private static let moduleArguments =
        ["-I", "\(BuildDirectory.path)/Modules"] + cModuleMaps.flatMap { ["-Xcc", "-fmodule-map-file=\($0)"] }

    /// The folder of the toolchain's modules, even if the program on the PATH is a link or a script.
    private static let resourcePath: String = {
        let key = "\"runtimeResourcePath\": \""
        let line = Command("swiftc", "-print-target-info").output.split(separator: "\n").first { $0.contains(key) }
        return line.map { String($0.split(separator: "\"").last { $0.contains("/") } ?? "") } ?? ""
    }()

    /// SwiftPM writes a map for each C target that has none of its own.
    private static let cModuleMaps: [String] = {
        let built = Command("sh", "-c", "ls \"$0\"/*.build/module.modulemap", BuildDirectory.path).output
        return built.split(separator: "\n").map(String.init) + [
            "\(Repository.root)/CSupport/CLiburing/module.modulemap",
            "\(Repository.root)/CSupport/CZlib/module.modulemap",
        ]
    }()
}
