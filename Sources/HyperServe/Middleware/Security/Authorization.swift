import HTTPCore

// What the authentications have in common, RFC 9110 section 11.

/// What stands behind the scheme in the Authorization field. Nil if there is none, or it has another scheme. Several
/// fields come as one with a comma in it, which no credentials have.
func credentials(_ request: borrowing Request, scheme: String) -> String? {
    guard let value = request.headers["Authorization"], let space = value.firstIndex(of: " "),
        isSameName(String(value[..<space]), scheme)
    else { return nil }
    return String(value[space...].drop { $0 == " " })
}

func unauthorized(_ challenge: String) -> Response {
    Response(
        status: .unauthorized, contentType: .plainText, headers: ["WWW-Authenticate": challenge],
        body: .text("Unauthorized\n"))
}

/// What is wrong with a realm; nil if it can stand in a challenge.
func realmProblem(_ realm: String) -> String? {
    realm.utf8.allSatisfy { (0x20...0x7E).contains($0) }
        ? nil : "realm is \(realm.debugDescription); it is printable ASCII"
}

/// A quoted string of printable ASCII, RFC 9110 section 5.6.4.
func quotedString(_ text: String) -> String {
    "\"" + text.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : "\($0)" }.joined() + "\""
}

/// Base64 with padding, RFC 4648 section 4. Nil for anything else, so that no two texts mean the same bytes.
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
