import HTTPCore
import Routing

extension RouteTable {
    /// Finds the route for a request: among those for its host, then among those for every host; then, unless a slash
    /// is significant, in the same order for the path with its last slash added or removed.
    func match(_ head: borrowing RequestHead, _ bytes: RawSpan) -> Destination {
        switch head.form {
        case .origin, .absolute: break
        case .authority, .asterisk: return .notFound
        }
        let path = bytes.extracting(head.path.lowerBound..<head.path.upperBound)
        let match =
            isPlain
            ? match(head, bytes, path, commonTree, commonNumbers, decodes: head.pathIsEncoded)
            : matchHosts(head, bytes, path, host: bytes.extracting(head.hostBounds))
        guard case .notFound = match, trailingSlash != .exact, path.byteCount > 1 else { return match }
        return matchOtherSlash(head, bytes, path, host: bytes.extracting(head.hostBounds))
    }

    private func match(
        _ head: borrowing RequestHead, _ bytes: RawSpan, _ path: RawSpan, _ tree: RouteTree, _ numbers: [Int],
        decodes: Bool
    ) -> Destination {
        switch tree.match(method: head.method, path: path, pathIsEncoded: decodes) {
        case .found(let number): return .route(numbers[number])
        case .methodNotAllowed(let allowed):
            return match(head, bytes, path, tree, numbers, decodes: decodes, allowed: allowed)
        case .notFound: return .notFound
        }
    }

    /// Finds the route for a method that is not standard, or a route for one of the methods that the path has instead.
    @inline(never)
    private func match(
        _ head: borrowing RequestHead, _ bytes: RawSpan, _ path: RawSpan, _ tree: RouteTree, _ numbers: [Int],
        decodes: Bool, allowed: MethodSet
    ) -> Destination {
        if head.method == .other, let method = methods.number(of: head.method(in: bytes)), allowed.contains(method),
            case .found(let number) = tree.match(method: method, path: path, pathIsEncoded: decodes)
        {
            return .route(numbers[number])
        }
        // The middlewares of the route that a preflight request asks about respond to it.
        let asked = head.method == .options ? preflightMethod(head, bytes).map { [$0] } ?? [] : []
        for method in asked + methods.numbers where allowed.contains(method) {
            if case .found(let number) = tree.match(method: method, path: path, pathIsEncoded: decodes) {
                return .methodNotAllowed(allowed: allowed, example: numbers[number])
            }
        }
        return .notFound
    }

    /// A name takes precedence over a wildcard, and both over routes for every host. If none of them has the method,
    /// the allowed methods are the union of theirs.
    private func matchHosts(
        _ head: borrowing RequestHead, _ bytes: RawSpan, _ path: RawSpan, host: RawSpan
    ) -> Destination {
        var best = Destination.notFound
        let decodes = head.pathIsEncoded || ignoresCase
        for wantsWildcard in [false, true] {
            for (index, pattern) in hosts.enumerated()
            where pattern.isWildcard == wantsWildcard && pattern.matches(host) {
                let match = match(head, bytes, path, trees[index + 1], numbers[index + 1], decodes: decodes)
                if case .route = match { return match }
                best = united(best, match, head, bytes)
            }
        }
        let match = match(head, bytes, path, commonTree, commonNumbers, decodes: decodes)
        if case .route = match { return match }
        return united(best, match, head, bytes)
    }

    /// Combines the results of two trees, neither of which has the request's method. The example is the first tree's,
    /// unless only the second has the method that a preflight request asks about.
    private func united(
        _ first: Destination, _ second: Destination, _ head: borrowing RequestHead, _ bytes: RawSpan
    ) -> Destination {
        guard case .methodNotAllowed(let allowed, let example) = first else { return second }
        guard case .methodNotAllowed(let otherAllowed, let otherExample) = second else { return first }
        let asked = head.method == .options ? preflightMethod(head, bytes) : nil
        let isOnlyOther = asked.map { !allowed.contains($0) && otherAllowed.contains($0) } ?? false
        return .methodNotAllowed(
            allowed: allowed.union(otherAllowed), example: isOnlyOther ? otherExample : example)
    }

    /// Matches the path with its last slash removed, or with one added. Not inlined: it is rare, and may allocate.
    @inline(never)
    private func matchOtherSlash(
        _ head: borrowing RequestHead, _ bytes: RawSpan, _ path: RawSpan, host: RawSpan
    ) -> Destination {
        let hasSlash = path.byte(at: path.byteCount - 1) == UInt8(ascii: "/")
        var other = ByteBuffer(capacity: path.byteCount + 1)
        other.append(path.extracting(0..<(path.byteCount - (hasSlash ? 1 : 0))))
        if !hasSlash { other.append("/") }
        // `other` stays in place for the call.
        let match = unsafe matchHosts(head, bytes, RawSpan(_unsafeBytes: other.unsafeBytes), host: host)
        guard trailingSlash == .redirect else { return match }
        guard case .notFound = match else { return .otherSlash(hasSlash: !hasSlash) }
        return .notFound
    }

    /// The number of the method that a CORS preflight request asks about, if a route can have it.
    private func preflightMethod(_ head: borrowing RequestHead, _ bytes: RawSpan) -> MethodNumber? {
        head.preflightMethod(bytes).flatMap { methods.number(of: $0) }
    }
}

extension RequestHead {
    fileprivate var hostBounds: Range<Int> { host.lowerBound..<host.upperBound }

    /// The method that a CORS preflight request asks about.
    fileprivate func preflightMethod(_ bytes: RawSpan) -> Method? {
        // The field's ranges lie within the head, whose bytes are valid for this call.
        unsafe bytes.withUnsafeBytes { bytes in
            let head = unsafe HeadView(bytes: bytes)
            for field in fields where head.equals(field.name, "Access-Control-Request-Method") {
                return Method(head.string(field.value))
            }
            return nil
        }
    }
}
