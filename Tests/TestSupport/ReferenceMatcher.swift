package import HTTPCore
package import Routing

/// The specification of a route tree in its simplest form: try every route, and keep the most specific one.
package struct ReferenceMatcher {
    /// From the most specific to the least.
    enum Kind: Int {
        case literal, parameter, rest
    }

    struct Route {
        let method: Method
        let segments: [(kind: Kind, text: [UInt8])]
    }

    private var routes: [Route] = []
    private let ignoresCase: Bool

    package init(ignoresCase: Bool = false) { self.ignoresCase = ignoresCase }

    /// Adds a route unless there is one with the same method and shape, or a segment is in the spelling of another
    /// router; the pattern must be well-formed otherwise.
    package mutating func add(_ method: Method, _ pattern: String) -> Bool {
        let pieces = split(Array(pattern.utf8))
        if pieces.contains(where: isForeign) { return false }
        let segments = pieces.map { piece -> (kind: Kind, text: [UInt8]) in
            guard piece.first == UInt8(ascii: "{") else { return (.literal, folded(decoded(piece))) }
            let isRest = piece.suffix(4) == Array("...}".utf8)
            return (isRest ? .rest : .parameter, Array(piece.dropFirst().dropLast(isRest ? 4 : 1)))
        }
        let isKnown = routes.contains { route in
            route.method == method && route.segments.count == segments.count
                && zip(route.segments, segments).allSatisfy {
                    $0.kind == $1.kind && ($0.kind != .literal || $0.text == $1.text)
                }
        }
        if !isKnown { routes.append(Route(method: method, segments: segments)) }
        return !isKnown
    }

    package func match(_ method: Method, _ path: [UInt8]) -> RouteMatch {
        let segments = split(path)
        let matching = routes.indices.filter { matches(routes[$0], segments) }
        let able = matching.filter { index in
            routes[index].method == method || (method == .head && routes[index].method == .get)
        }
        if let best = able.min(by: { isBetter($0, than: $1, for: method) }) { return .found(route: best) }
        if matching.isEmpty { return .notFound }
        var allowed = MethodSet(.options)
        for index in matching {
            allowed.insert(MethodSet(routes[index].method.number))
            if routes[index].method == .get { allowed.insert(MethodSet(.head)) }
        }
        return .methodNotAllowed(allowed: allowed)
    }

    /// The values of a route's parameters in a path that it matches.
    package func values(route: Int, _ path: [UInt8]) -> [(name: String, value: [UInt8])] {
        let segments = split(path)
        return routes[route].segments.enumerated().compactMap { index, segment in
            let name = String(decoding: segment.text, as: UTF8.self)
            switch segment.kind {
            case .literal: return nil
            case .parameter: return (name, segments[index])
            case .rest: return (name, Array(segments[index...].joined(separator: [UInt8(ascii: "/")])))
            }
        }
    }

    private func matches(_ route: Route, _ segments: [[UInt8]]) -> Bool {
        let endsInRest = route.segments.last?.kind == .rest
        guard endsInRest ? segments.count >= route.segments.count : segments.count == route.segments.count else {
            return false
        }
        return zip(route.segments, segments).allSatisfy { pattern, segment in
            switch pattern.kind {
            case .literal: folded(decoded(segment)) == pattern.text
            case .parameter: !segment.isEmpty
            case .rest: true
            }
        }
    }

    /// Whether the first of two routes that match a path is more specific, or as specific and for the exact method.
    private func isBetter(_ first: Int, than second: Int, for method: Method) -> Bool {
        for (one, other) in zip(routes[first].segments, routes[second].segments) where one.kind != other.kind {
            return one.kind.rawValue < other.kind.rawValue
        }
        return routes[first].method == method && routes[second].method != method
    }

    private func split(_ path: [UInt8]) -> [[UInt8]] {
        path.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map(Array.init)
    }

    /// Whether a segment begins or ends with a mark of other routers, or has one of this router's in the wrong place.
    private func isForeign(_ piece: [UInt8]) -> Bool {
        let text = String(decoding: piece, as: UTF8.self)
        if text.hasPrefix(":") || text.hasPrefix("*") || text.hasSuffix("*") { return true }
        if text.hasPrefix("<"), text.hasSuffix(">") { return true }
        return text.contains("{") && !(text.hasPrefix("{") && text.hasSuffix("}"))
    }

    private func folded(_ text: [UInt8]) -> [UInt8] {
        guard ignoresCase else { return text }
        return text.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 + 32 : $0 }
    }

    private func decoded(_ segment: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var rest = segment[...]
        while let byte = rest.popFirst() {
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            if byte == UInt8(ascii: "%"), digits.utf8.count == 2, digits.allSatisfy(\.isHexDigit),
                let value = UInt8(digits, radix: 16)
            {
                result.append(value)
                rest = rest.dropFirst(2)
            } else {
                result.append(byte)
            }
        }
        return result
    }
}
