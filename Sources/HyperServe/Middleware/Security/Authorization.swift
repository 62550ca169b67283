import HTTPCore

// Functions for HTTP authentication, RFC 9110 section 11.

/// Returns the credentials after the scheme in the Authorization field. Nil if the field is absent, or has another
/// scheme. Several field lines are joined by a comma, which valid credentials do not contain.
func credentials(_ request: borrowing Request, scheme: String) -> String? {
    guard let value = request.headers["Authorization"], let space = value.firstIndex(of: " "),
        isSameName(String(value[..<space]), scheme)
    else { return nil }
    return String(value[space...].drop { $0 == " " })
}

/// Whether two secrets are equal. The duration depends on the length of `candidate` only, not on `secret`: each byte of
/// `candidate` is compared, wherever the first difference is.
public func isSameSecret(_ candidate: String, _ secret: String) -> Bool {
    let (candidate, secret) = (Array(candidate.utf8), Array(secret.utf8))
    var difference = UInt(bitPattern: candidate.count ^ secret.count)
    for index in candidate.indices {
        // An empty secret, or a shorter one, is compared with itself over and over.
        let expected = secret.isEmpty ? 0 : secret[index % secret.count]
        difference |= UInt(candidate[index] ^ expected)
    }
    return difference == 0
}

/// Describes the lack of valid credentials.
func unauthorized(_ challenge: String) -> ErrorDescription {
    ErrorDescription(.unauthorized, headers: ["WWW-Authenticate": challenge])
}

/// A description of an invalid realm; nil if it is valid in a challenge.
func realmProblem(_ realm: String) -> String? {
    realm.utf8.allSatisfy { (0x20...0x7E).contains($0) }
        ? nil : "realm is \(realm.debugDescription); it is printable ASCII"
}

/// Returns printable ASCII as a quoted string, RFC 9110 section 5.6.4.
func quotedString(_ text: String) -> String {
    "\"" + text.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : "\($0)" }.joined() + "\""
}

/// Decodes Base64 with padding, RFC 4648 section 4. Returns nil for any other text, so that no two texts have the same
/// bytes.
func decodeBase64(_ text: String) -> [UInt8]? {
    let digits = Array(text.utf8)
    guard digits.count.isMultiple(of: 4) else { return nil }
    let padding = digits.suffix(2).reversed().prefix { $0 == UInt8(ascii: "=") }.count
    var bytes: [UInt8] = []
    bytes.reserveCapacity(digits.count / 4 * 3)
    var bits: UInt32 = 0
    var bitCount = 0
    for digit in digits.dropLast(padding) {
        guard let value = base64Value(digit) else { return nil }
        bits = bits << 6 | UInt32(value)
        bitCount += 6
        guard bitCount >= 8 else { continue }
        bitCount -= 8
        bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(bitCount)))
        bits &= (1 << UInt32(bitCount)) - 1
    }
    // Bits left over must be zero.
    return bits == 0 ? bytes : nil
}

private func base64Value(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): digit - UInt8(ascii: "A")
    case UInt8(ascii: "a")...UInt8(ascii: "z"): digit - UInt8(ascii: "a") + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0") + 52
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
}
