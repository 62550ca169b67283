import HyperServe
import Testing

/// The values of HTTP in JSON, as in an application's own documents.
@Suite("Values of HTTP")
struct ValueCodingTests {
    private struct Document: Codable, Equatable {
        var status: Status
        var method: Method
        var mediaType: MediaType
        var fields: HeaderFields
        var address: SocketAddress
    }

    @Test("are encoded as a number, strings and a list, and decoded from them")
    func roundTrip() throws {
        let document = Document(
            status: .notFound, method: "PURGE", mediaType: .html,
            fields: ["Set-Cookie": "a", "X": "", "set-cookie": "b"],
            address: try #require(SocketAddress("[::1]:80")))
        let text = String(decoding: try JSON.encode(document), as: UTF8.self)
        #expect(
            text == #"{"status":404,"method":"PURGE","mediaType":"text/html; charset=utf-8","#
                + #""fields":[{"name":"Set-Cookie","value":"a"},{"name":"X","value":""},"#
                + #"{"name":"set-cookie","value":"b"}],"address":"[::1]:80"}"#)
        #expect(try JSON.decode(Document.self, from: Array(text.utf8)) == document)
    }

    @Test(
        "are errors if they are malformed, and nothing traps",
        arguments: [
            "999", "0", "-1", "100", "1e3", "404.5", "99999999999999999999", "\"404\"", "null", "true", "[404]",
        ])
    func status(text: String) {
        #expect(throws: DecodingError.self) { try JSON.decode([Status].self, from: Array("[\(text)]".utf8)) }
    }

    @Test(
        "are errors if their text is malformed",
        arguments: [#""""#, #"" ""#, #""\u0000""#, #""a b""#, "1", "null", "{}"])
    func texts(text: String) {
        let document = Array("[\(text)]".utf8)
        #expect(throws: DecodingError.self) { try JSON.decode([Method].self, from: document) }
        #expect(throws: DecodingError.self) { try JSON.decode([MediaType].self, from: document) }
        #expect(throws: DecodingError.self) { try JSON.decode([SocketAddress].self, from: document) }
        #expect(throws: DecodingError.self) { try JSON.decode([HeaderFields].self, from: document) }
    }

    @Test(
        "are errors if a header field is not valid",
        arguments: [
            #"[{"name":"A","value":"b\r\nC: d"}]"#, #"[{"name":"","value":"b"}]"#, #"[{"name":"A b","value":""}]"#,
            #"[{"name":"A"}]"#, #"[{"value":"a"}]"#, #"[["A","b"]]"#, #"{"A":"b"}"#,
        ])
    func fields(text: String) throws {
        #expect(throws: DecodingError.self) { try JSON.decode(HeaderFields.self, from: Array(text.utf8)) }
    }

    @Test("of header fields are trimmed when they are decoded")
    func trimmed() throws {
        let fields = try JSON.decode(HeaderFields.self, from: Array(#"[{"name":"A","value":" b\t"}]"#.utf8))
        #expect(fields == ["A": "b"])
    }
}
