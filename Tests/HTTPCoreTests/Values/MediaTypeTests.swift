import HTTPCore
import Testing

@Suite("A media type")
struct MediaTypeTests {
    @Test(
        "reads as the field value that it was made from",
        arguments: [
            "text/plain", "text/html; charset=utf-8", "a/b;c=d;e=\"f g\"", "application/vnd.a+json", "a/b;",
            "a/b ; ;c=d",
            "multipart/form-data; boundary=\"a\\\"b\"", "a/b;c=\"\"", "a/b;c=\"\u{E9};\t\"", "*/*", "!#$%&'*+-.^_`|~/9",
        ])
    func text(value: String) throws {
        let mediaType = try #require(MediaType(value))
        #expect(mediaType.description == value)
        #expect(MediaType(mediaType.description) == mediaType)
        #expect(MediaType(" \t\(value)\t ")?.description == value)
    }

    @Test(
        "has a type and a subtype, and nothing traps",
        arguments: [
            "", " ", "text", "text/", "/plain", "/", "text/plain/x", "text /plain", "text/ plain",
            "text/plain charset=a",
            "text/plain; charset", "text/plain; charset=", "text/plain; =a", "text/plain; a = b", "text/plain; a=\"b",
            "text/plain; a=\"b\\", "text/plain; a=\"b\\\"", "text/plain; a=\"b\"c", "text/plain; a=b c",
            "text/plain,a/b",
            "text/plain\r\nX: y", "text/plain; a=\"\r\n\"", "text/plain; a=\"\\\n\"", "t\u{E9}xt/plain", "text/plain\0",
            "text/plain; a=b/c", String(repeating: "/", count: 100_000), "a/b" + String(repeating: ";c", count: 10_000),
        ])
    func malformed(value: String) {
        #expect(MediaType(value) == nil)
    }

    @Test(
        "is equal to one that means the same",
        arguments: [
            ("text/html;charset=utf-8", "Text/HTML;Charset=\"utf-8\"", true),
            ("text/html; charset=\"utf-8\"", "text/html;charset=UTF-8", true),
            ("TEXT/plain", "text/PLAIN", true), ("a/b;c=d;e=f", "a/b; E=f ;c=d;", true),
            ("a/b;c=\"\\d\"", "a/b;C=d", true),
            ("a/b;c=d", "a/b;c=D", false), ("a/b", "a/c", false), ("a/b", "a/b;c=d", false),
            ("a/b;c=d", "a/b;e=d", false),
            ("a/b;c=d;c=e", "a/b;c=e;c=d", true), ("a/b;c=d;c=d", "a/b;c=d", false), ("a/b;c=\"\"", "a/b", false),
        ])
    func equality(one: String, other: String, isEqual: Bool) throws {
        let (left, right) = (try #require(MediaType(one)), try #require(MediaType(other)))
        #expect((left == right) == isEqual && (right == left) == isEqual)
        #expect(!isEqual || left.hashValue == right.hashValue)
    }

    @Test("written as a literal is equal to the same text, even if it is malformed")
    func literals() {
        #expect(MediaType.html == MediaType(String("text/html;Charset=UTF-8")))
        let malformed: MediaType = "text"
        let same: MediaType = "text"
        #expect(
            malformed == same && malformed.hashValue == same.hashValue && malformed != "texts" && malformed != .html)
        #expect(MediaType.json.description == "application/json")
        let split: MediaType = "a/b\r\nX: y"
        #expect(split.description == "a/b\r\nX: y" && split != "a/b")
    }
}
