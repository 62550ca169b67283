import CHTTPScan

/// A set of bytes that some rule of the grammar allows, or a union of such sets.
struct ByteClass {
    private let bits: UInt8

    /// RFC 9110 section 5.6.2: the bytes of a token.
    static var token: ByteClass { ByteClass(bits: UInt8(hs_class_token)) }
    /// RFC 9110 section 5.5: the bytes of a field value, white space included.
    static var value: ByteClass { ByteClass(bits: UInt8(hs_class_value)) }
    /// RFC 3986 section 3.2.2: the bytes of a registered name, the percent sign excluded.
    static var host: ByteClass { ByteClass(bits: UInt8(hs_class_host)) }
    /// Hexadecimal digits of either case.
    static var hexadecimal: ByteClass { ByteClass(bits: UInt8(hs_class_hex)) }

    @inline(__always)
    func contains(_ byte: UInt8) -> Bool { hs_byte_is(byte, bits) }
}
