import HTTP1
import Routing

// What the server answers by itself.
extension Dispatcher {
    /// 404, 405, a redirect, or what the server says about itself; wrapped in the middlewares of the outermost router,
    /// or, where the path is known and the method is not, in those of a route of that path.
    func runWithoutRoute(_ request: borrowing Request) -> Response {
        // The head's bytes are there as long as the request is.
        let match = unsafe table.match(request.incoming.head, RawSpan(_unsafeBytes: request.incoming.headBytes))
        var context = RequestContext(self, route: Dispatcher.noRoute)
        do {
            return try chain(match).run(request, &context) { request, _ in answer(match, request) }
        } catch {
            return context.response(to: error, for: request)
        }
    }

    private func chain(_ match: RouteTable.Match) -> MiddlewareChain {
        if case .methodNotAllowed(_, let example) = match { table.routes[example].chain } else { table.chain }
    }

    private func answer(_ match: RouteTable.Match, _ request: borrowing Request) -> Response {
        switch request.incoming.head.form {
        case .asterisk:
            // OPTIONS * asks about the server as a whole (RFC 9110 section 9.3.7).
            return Response(status: .noContent)
        case .authority:
            // CONNECT asks for a tunnel, which an origin server does not offer.
            return .text("Not Implemented\n", status: .notImplemented)
        case .origin, .absolute:
            break
        }
        switch match {
        case .methodNotAllowed(let allowed, _):
            let headers: HeaderFields = ["Allow": allowed.description]
            guard request.method != .options else { return Response(status: .noContent, headers: headers) }
            return Response(
                status: .methodNotAllowed, contentType: .plainText, headers: headers,
                body: .text("Method Not Allowed\n"))
        case .redirect(let hasSlash):
            return redirect(request, hasSlash: hasSlash)
        case .notFound, .found:
            return .text("Not Found\n", status: .notFound)
        }
    }

    /// Names the path with a slash at its end, or without it.
    private func redirect(_ request: borrowing Request, hasSlash: Bool) -> Response {
        var location = request.path
        // Two slashes at the beginning would name another host (RFC 3986 section 4.2), and a browser takes a backslash
        // for a slash.
        let second = location.utf8.dropFirst().first
        guard second != UInt8(ascii: "/"), second != UInt8(ascii: "\\") else {
            return .text("Not Found\n", status: .notFound)
        }
        if hasSlash { location += "/" } else { location.removeLast() }
        if !request.query.isEmpty { location += "?" + request.query.string }
        return .redirect(to: location, status: .permanentRedirect)
    }
}
