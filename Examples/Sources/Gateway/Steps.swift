import HyperServe
import Synchronization

/// Lets through only what is meant for `host`; for anyone else there is nothing here.
func onlyFor(host: String) -> Step {
    { request, next in
        let name = request.host.split(separator: ":").first ?? ""
        guard name.lowercased() == host else { throw HTTPError(.notFound) }
        return try next(request)
    }
}

/// Gives each answer the id that the client gave its request, or one of our own.
func requestID() -> Step {
    let count = Counter()
    return { request, next in
        let given = request.headers["X-Request-ID"] ?? ""
        // What comes from outside goes into logs and answers: letters, digits and hyphens, and not too many.
        let isProper = (1...64).contains(given.utf8.count) && given.utf8.allSatisfy(isPlain)
        let id = isProper ? given : "gateway-\(count.next())"
        var response = answer(to: request, next)
        response.headers["X-Request-ID"] = id
        return response
    }
}

/// Tells browsers to be careful with the answer.
func securityHeaders() -> Step {
    { request, next in
        var response = answer(to: request, next)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["X-Frame-Options"] = "DENY"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response
    }
}

/// Lets each key through so many times; then the client is told to come back later.
func quota(_ limit: Int, _ used: Quotas) -> Step {
    { request, next in
        guard let key = request.headers["X-API-Key"] else { throw HTTPError(.unauthorized, "an API key is needed") }
        guard used.take(key, limit: limit) else {
            return Response(
                status: .tooManyRequests, contentType: .plainText, headers: ["Retry-After": "60"],
                body: .text("the quota is used up\n"))
        }
        return try next(request)
    }
}

/// Writes a line for each answer.
func accessLog(_ write: @escaping @Sendable (String) -> Void) -> Step {
    { request, next in
        let response = answer(to: request, next)
        write("\(request.host) \(request.method) \(request.path) \(response.status.code)")
        return response
    }
}

/// What the next step answers, also if it throws: so that what is added to answers is added to errors too.
private func answer(to request: borrowing Request, _ next: Handler) -> Response {
    do {
        return try next(request)
    } catch let error as HTTPError {
        return .text(error.message, status: error.status)
    } catch {
        return .status(.internalServerError)
    }
}

private func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
        true
    default: false
    }
}

/// Counts from 1.
private final class Counter: Sendable {
    private let value = Atomic<Int>(0)

    func next() -> Int { value.add(1, ordering: .relaxed).newValue }
}
