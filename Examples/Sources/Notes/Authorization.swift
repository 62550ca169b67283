import HyperServe

/// Throws 401 unless the request has the token, RFC 6750 section 2.1.
func authorize(_ request: borrowing Request, _ token: String) throws {
    let given = request.headers["Authorization"] ?? ""
    guard isSame(given, "Bearer \(token)") else { throw HTTPError(.unauthorized, "a bearer token is needed") }
}

/// Compares in a time that does not depend on the position of a difference.
private func isSame(_ left: String, _ right: String) -> Bool {
    guard left.utf8.count == right.utf8.count else { return false }
    return zip(left.utf8, right.utf8).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
}
