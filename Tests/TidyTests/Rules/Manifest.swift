/// The targets of a package's manifest, and their dependencies.
struct Manifest {
    struct Target: Equatable {
        var name: String
        var line: Int
        var dependencies: Set<String>
    }

    /// Those that are built into products: without tests, their support, and benchmarks.
    private(set) var targets: [Target] = []

    init(_ file: SourceFile) {
        let kept = zip(file.bytes, file.kinds).map { $1 == .comment ? UInt8(ascii: " ") : $0 }
        let text = String(decoding: kept, as: UTF8.self)
        // Dependencies that are written as constants.
        var constants: [Substring: Substring] = [:]
        for match in text.matches(of: /let (\w+) = Target\.Dependency\.target\(\s*name: "(\w+)"/) {
            constants[match.1] = match.2
        }
        for match in text.matches(of: /\.(?:target|executableTarget|systemLibrary)\(\s*name: "(\w+)",/) {
            if text[..<match.range.lowerBound].hasSuffix("Target.Dependency") { continue }
            let rest = Self.arguments(text[match.range.upperBound...])
            if rest.contains(/path: "(?:Tests|Benchmarks)\//) { continue }
            let list = rest.firstMatch(of: /dependencies: \[([^\]]*)\]/)?.1 ?? ""
            let names = list.matches(of: /"(\w+)"|(\w+)/).map { String($0.1 ?? constants[$0.2!] ?? $0.2!) }
            let line = text[..<match.range.lowerBound].count { $0 == "\n" } + 1
            targets.append(Target(name: String(match.1), line: line, dependencies: Set(names)))
        }
    }

    /// The dependencies of targets that they may not have, and targets that are not known.
    func violations(allowed: [String: Set<String>] = Modules.allowed) -> [Violation] {
        targets.flatMap { target -> [Violation] in
            guard let arrows = allowed[target.name] else {
                return [Violation(path: "Package.swift", line: target.line, message: "\(target.name) is not known")]
            }
            return target.dependencies.subtracting(arrows).sorted().map {
                Violation(path: "Package.swift", line: target.line, message: "\(target.name) depends on \($0)")
            }
        }
    }

    /// The text up to the parenthesis that closes the one before it. No literal in a manifest contains one.
    private static func arguments(_ text: Substring) -> Substring {
        var depth = 1
        return text.prefix { character in
            if character == "(" { depth += 1 }
            if character == ")" { depth -= 1 }
            return depth > 0
        }
    }
}
