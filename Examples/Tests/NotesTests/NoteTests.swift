import HyperServe
import HyperServeTesting
import Notes
import Testing

@Suite("The notes", .timeLimit(.minutes(20)))
struct NoteTests {
    let client: TestClient
    let writer: HeaderFields = ["Authorization": "Bearer secret"]

    init() throws {
        client = try TestClient(router: noteRoutes(NoteStore(), token: "secret"))
    }

    @Test("are created, read, changed and deleted")
    func lifeCycle() async throws {
        let made = try await client.post("/notes", headers: writer, json: NoteDraft(title: "Buy milk"))
        #expect(made.status == .created)
        let place = try #require(made.headers["Location"])
        let note = try made.decode(json: Note.self)
        #expect(try await client.get(place).decode(json: Note.self) == note)

        let change = NoteDraft(title: "Buy milk", text: "two litres", isDone: true)
        let changed = try await client.put(place, headers: writer, json: change).decode(json: Note.self)
        #expect(changed.id == note.id)
        #expect(changed.isDone)

        #expect(try await client.delete(place, headers: writer).status == .noContent)
        #expect(try await client.get(place).status == .notFound)
        #expect(try await client.delete(place, headers: writer).status == .notFound)
    }

    @Test("are listed in order, all or some")
    func list() async throws {
        for (title, isDone) in [("a", false), ("b", true), ("c", false)] {
            _ = try await client.post("/notes", headers: writer, json: NoteDraft(title: title, isDone: isDone))
        }
        for (target, titles) in [("/notes", "abc"), ("/notes?done=true", "b"), ("/notes?done=false", "ac")] {
            let notes = try await client.get(target).decode(json: [Note].self)
            #expect(notes.map(\.title).joined() == titles)
        }
        #expect(try await client.get("/notes?done=maybe").status == .badRequest)
    }

    @Test(
        "are written only with the token", arguments: ["", "Bearer", "Bearer secre", "Bearer Secret", "Basic secret"])
    func authorization(value: String) async throws {
        let headers: HeaderFields = ["Authorization": value]
        let responses = [
            try await client.post("/notes", headers: headers, json: NoteDraft(title: "a")),
            try await client.put("/notes/1", headers: headers, json: NoteDraft(title: "a")),
            try await client.delete("/notes/1", headers: headers),
        ]
        #expect(responses.map(\.status) == [.unauthorized, .unauthorized, .unauthorized])
        #expect(try await client.get("/notes").text == "[]")
    }

    @Test(
        "are rejected with a reason when they are invalid",
        arguments: [
            (#"{"title":" "}"#, Status.unprocessableContent, "title"), (#"{}"#, .unprocessableContent, "title"),
            (#"{"title":1}"#, .unprocessableContent, "title"), (#"{"title":"a""#, .badRequest, "JSON"),
            (#"{"title":"\#(String(repeating: "a", count: 101))"}"#, .unprocessableContent, "100"),
            (#"{"title":"a","text":"\#(String(repeating: "a", count: 10_001))"}"#, .unprocessableContent, "10000"),
        ])
    func validation(body: String, status: Status, reason: String) async throws {
        let headers: HeaderFields = ["Authorization": "Bearer secret", "Content-Type": "application/json"]
        let response = try await client.post("/notes", headers: headers, body: body)
        #expect(response.status == status)
        #expect(response.text.contains(reason))
    }

    @Test("are rejected with all the rules that they violate")
    func problems() async throws {
        let draft = NoteDraft(title: "", text: String(repeating: "a", count: 10_001))
        let response = try await client.post("/notes", headers: writer, json: draft)
        #expect(response.headers["Content-Type"] == "application/problem+json")
        let problem = try response.decode(json: Problem.self)
        #expect(problem.status == 422)
        #expect(problem.fields.keys.sorted() == ["text", "title"])
    }

    struct Problem: Decodable {
        let status: Int
        let fields: [String: String]
    }

    @Test("are identified by numbers only")
    func badID() async throws {
        #expect(try await client.get("/notes/first").status == .badRequest)
    }
}
