import JSON
import TestSupport
import Testing

@Suite("Members that may be absent, null or a value")
struct PatchTests {
    struct Changes: Codable, Equatable {
        var title: Patch<String>
        var count: Patch<Int> = .absent
        var tags: Patch<[String]> = .absent
        var wide: Patch<Int128> = .absent
        var inner: Patch<Inner> = .absent

        struct Inner: Codable, Equatable {
            var flag: Patch<Bool>
        }
    }

    static let cases: [(String, Changes)] = [
        ("{}", Changes(title: .absent)),
        (#"{"title":null}"#, Changes(title: .null)),
        (#"{"title":"t","count":0,"tags":[]}"#, Changes(title: .value("t"), count: .value(0), tags: .value([]))),
        (
            #"{"tags":null,"wide":170141183460469231731687303715884105727,"inner":{}}"#,
            Changes(title: .absent, tags: .null, wide: .value(.max), inner: .value(.init(flag: .absent)))
        ),
        (#"{"inner":{"flag":null}}"#, Changes(title: .absent, inner: .value(.init(flag: .null)))),
    ]

    @Test("Absent, null and a value are distinguished, and written as they were read", arguments: cases)
    func members(text: String, changes: Changes) throws {
        #expect(try JSON.decode(Changes.self, from: Array(text.utf8)) == changes)
        #expect(String(decoding: try JSON.encode(changes), as: UTF8.self) == text)
    }

    @Test("Names in snake case are distinguished in the same way")
    func snakeCase() throws {
        struct Note: Codable, Equatable {
            var dueDay: Patch<Int>
            var noteText: Patch<String>
        }
        let coding = ValueCoding(keys: .snakeCase)
        let note = Note(dueDay: .null, noteText: .absent)
        #expect(String(decoding: try JSON.encode(note, coding: coding), as: UTF8.self) == #"{"due_day":null}"#)
        #expect(try JSON.decode(Note.self, from: Array(#"{"due_day":null}"#.utf8), coding: coding) == note)
    }

    @Test("A value of another type is refused, with its path")
    func mismatch() {
        let error = #expect(throws: DecodingError.self) {
            try JSON.decode(Changes.self, from: Array(#"{"count":"1"}"#.utf8))
        }
        guard case .typeMismatch(_, let context) = error else {
            Issue.record("another error: \(String(describing: error))")
            return
        }
        #expect(context.codingPath.map(\.stringValue) == ["count"])
    }

    @Test("Elements are null or values, and never absent")
    func elements() throws {
        #expect(try JSON.decode([Patch<Int>].self, from: Array("[1,null]".utf8)) == [.value(1), .null])
        #expect(try json([Patch.value(1), .null]) == "[1,null]")
        #expect(throws: EncodingError.self) { try json([Patch<Int>.absent]) }
        #expect(throws: EncodingError.self) { try json(Patch<Int>.absent) }
    }

    @Test("A patch changes an optional value")
    func applying() {
        var text: String? = "old"
        Patch<String>.absent.apply(to: &text)
        #expect(text == "old")
        Patch.value("new").apply(to: &text)
        #expect(text == "new")
        Patch<String>.null.apply(to: &text)
        #expect(text == nil)
        #expect(Patch.value(1).value == 1)
        #expect(Patch<Int>.null.value == nil)
    }
}
