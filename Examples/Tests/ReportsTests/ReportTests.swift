import HyperServe
import HyperServeTesting
import Reports
import Testing

@Suite("The report service", .timeLimit(.minutes(20)))
struct ReportTests {
    let client: TestClient

    init() throws {
        client = try TestClient(router: reportRoutes(SeriesStore()))
    }

    @Test("reports on what was sent")
    func report() async throws {
        let numbers = (1...1000).shuffled().map { "\($0)\n" }.joined()
        let upload = try await client.put("/series/a%20b", body: numbers)
        #expect(upload.status == .created)
        #expect(upload.text == #"{"series":"a b","count":1000}"#)

        let report = try await client.get("/series/a%20b/report")
        #expect(report.status == .ok)
        #expect(try report.decode(json: Report.self) == Report(series: "a b", values: (1...1000).map(Double.init)))
    }

    @Test("accepts an upload in pieces, cut anywhere")
    func pieces() async throws {
        let upload = try await client.beginUpload(.put, "/series/s")
        for piece in ["1", "2\n", "3", "\n4", "\n"] { try await upload.write(piece) }
        #expect(try await upload.response().text == #"{"series":"s","count":3}"#)
        #expect(try await client.get("/series/s").text == "12.0\n3.0\n4.0\n")
    }

    @Test(
        "rejects lines that are not numbers",
        arguments: ["1\nx\n", "1\n\n", "", "inf\n", String(repeating: "1", count: 101)])
    func malformed(body: String) async throws {
        let response = try await client.put("/series/s", body: body)
        #expect(response.status == .unprocessableContent)
        #expect(try await client.get("/series/s/report").status == .notFound)
    }

    @Test("sends a long series")
    func download() async throws {
        let numbers = String(repeating: "0.5\n", count: 100_000)
        #expect(try await client.put("/series/s", body: numbers).status == .created)
        #expect(try await client.get("/series/s").text == numbers)
    }

    @Test("rejects an upload that stalls")
    func slowUpload() async throws {
        let upload = try await client.beginUpload(.put, "/series/s")
        try await upload.write("1\n")
        await client.advance(by: .seconds(30))
        #expect(try await upload.status() == .requestTimeout)
    }
}
