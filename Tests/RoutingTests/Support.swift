import HTTPCore
import Routing

/// Routes of a test, built from lines such as `GET /a/{x}`.
func tree(
    methods: MethodTable = MethodTable(), _ lines: String..., ignoresCase: Bool = false
) throws -> RouteTree {
    var builder = RouteTreeBuilder(methods: methods, ignoresCase: ignoresCase)
    for line in lines {
        let (method, pattern) = try parse(line)
        try builder.add(method: method, pattern: pattern)
    }
    return builder.build()
}

struct UnreadableLine: Error {
    let line: String
}

/// Parses `GET /path`.
func parse(_ line: String) throws -> (method: Method, path: String) {
    let parts = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
    guard let method = Method(String(parts[0])), parts.count == 2 else { throw UnreadableLine(line: line) }
    return (method, String(parts[1]))
}

extension RouteTree {
    /// Matches as a server does, which knows from parsing whether the path contains a percent sign.
    func match(_ method: Method, _ path: [UInt8]) -> RouteMatch {
        let isEncoded = ignoresCase || path.contains(UInt8(ascii: "%"))
        // Bytes of bytes: they expose nothing else.
        return unsafe match(method: method.number, path: path.span.bytes, pathIsEncoded: isEncoded)
    }

    func match(_ method: Method, _ path: String) -> RouteMatch {
        match(method, Array(path.utf8))
    }

    func range(of name: String, route: Int, in path: [UInt8]) -> ByteRange? {
        unsafe parameter(name, route: route, path: path.span.bytes)
    }

    /// The result for a line such as `GET /a/b`: the pattern, `405` with the methods allowed, or `404`.
    func outcome(_ line: String) throws -> String {
        let (method, path) = try parse(line)
        switch match(method, path) {
        case .found(let route): return pattern(route: route)
        case .methodNotAllowed(let allowed): return "405 \(MethodTable().list(allowed))"
        case .notFound: return "404"
        }
    }

    /// A parameter's value in a path, still encoded.
    func value(of name: String, route: Int, in path: String) -> String? {
        guard let range = range(of: name, route: route, in: Array(path.utf8)) else { return nil }
        return String(decoding: Array(path.utf8)[range.lowerBound..<range.upperBound], as: UTF8.self)
    }
}

extension RouteMatch {
    /// The route found, if one was.
    var route: Int? {
        if case .found(let route) = self { route } else { nil }
    }
}
