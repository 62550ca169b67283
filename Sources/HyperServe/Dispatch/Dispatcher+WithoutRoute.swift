import HTTPCore
import Routing

// The server's own responses.
extension Dispatcher {
    /// Returns the server's own response, wrapped in the middlewares of the outermost router, or, if the path has
    /// routes for other methods only, in those of one of these routes.
    @inline(never)
    func runWithoutRoute(_ request: borrowing Request, _ context: inout RequestContext) throws -> Response {
        try chain(context.destination).run(request, &context) { request, context in
            responseWithoutRoute(request, context.destination)
        }
    }

    /// The middlewares around the responses of a destination.
    func chain(_ destination: Destination) -> MiddlewareChain {
        destination.matchedRoute.map { table.routes[$0].chain } ?? table.chain
    }

    /// Returns the server's own response: 404, 405, 501, a redirect, or a response to OPTIONS.
    func responseWithoutRoute(_ request: borrowing Request, _ destination: Destination) -> Response {
        switch request.incoming.head.form {
        case .asterisk:
            // OPTIONS * asks about the server as a whole (RFC 9110 section 9.3.7).
            return Response(status: .noContent)
        case .authority:
            // CONNECT asks for a tunnel, which an origin server does not offer.
            return response(to: ErrorDescription(.notImplemented), request)
        case .origin, .absolute:
            // RFC 9110 section 15.6.2: the method is not recognized, and not supported for any resource.
            guard request.incoming.head.method != .other || table.methods.number(of: request.method) != nil else {
                return response(to: ErrorDescription(.notImplemented), request)
            }
        }
        switch destination {
        case .methodNotAllowed(let allowed, _):
            let headers: HeaderFields = ["Allow": table.methods.list(allowed)]
            guard request.method != .options else { return Response(status: .noContent, headers: headers) }
            return response(to: ErrorDescription(.methodNotAllowed, headers: headers), request)
        case .otherSlash(let hasSlash):
            return redirect(request, hasSlash: hasSlash)
        case .notFound, .route:
            return response(to: ErrorDescription(.notFound), request)
        }
    }

    /// Redirects to the path with a slash added at its end, or removed.
    private func redirect(_ request: borrowing Request, hasSlash: Bool) -> Response {
        var location = request.path
        // Two slashes at the beginning would name another host (RFC 3986 section 4.2), and a browser takes a backslash
        // for a slash.
        let second = location.utf8.dropFirst().first
        guard second != UInt8(ascii: "/"), second != UInt8(ascii: "\\") else {
            return response(to: ErrorDescription(.notFound), request)
        }
        if hasSlash { location += "/" } else { location.removeLast() }
        if !request.query.isEmpty { location += "?" + request.query.string }
        return .redirect(to: location, status: .permanentRedirect)
    }
}
