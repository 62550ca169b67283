import HTTPCore

extension Request {
    /// The cookies that the client sent.
    public var cookies: Cookies {
        _read { yield Cookies(headers: Headers(fields: headers.fields, head: headers.head)) }
    }

    /// The pairs of the Cookie field, RFC 6265bis section 4.2. Names are case-sensitive. A client can send any cookie:
    /// sign a value that must not be forged, or use it as a key to something that the server stores.
    public struct Cookies: ~Copyable {
        private let headers: Headers

        init(headers: consuming Headers) { self.headers = headers }

        /// The value of the first cookie with this name, as it was sent. Nil if there is none.
        public subscript(name: String) -> String? {
            let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
            for field in headers.fields where headers.head.equals(field.name, "Cookie") {
                for pair in headers.head.string(field.value).utf8.split(separator: UInt8(ascii: ";")) {
                    guard let equals = pair.firstIndex(of: UInt8(ascii: "=")) else { continue }
                    let other = pair[..<equals].drop(while: isSpace)
                    if other.starts(with: name.utf8), other.dropFirst(name.utf8.count).allSatisfy(isSpace) {
                        return String(trimming: pair[equals...].dropFirst())
                    }
                }
            }
            return nil
        }

        /// Calls `body` with the name and the value of each cookie. A pair without an equals sign is ignored.
        public func forEach(_ body: (_ name: String, _ value: String) throws -> Void) rethrows {
            for field in headers.fields where headers.head.equals(field.name, "Cookie") {
                for pair in headers.head.string(field.value).utf8.split(separator: UInt8(ascii: ";")) {
                    guard let equals = pair.firstIndex(of: UInt8(ascii: "=")) else { continue }
                    let name = String(trimming: pair[..<equals])
                    let value = String(trimming: pair[equals...].dropFirst())
                    try body(name, value)
                }
            }
        }
    }
}
