import HyperServe
import HyperServeTesting
import Testing

/// What is read once, and what a second reader gets: an error, or the rest, but never silence.
@Suite("Reading again", .timeLimit(.minutes(10)))
struct RepeatedReadingTests {
    private static let part = "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n12345\r\n"
    private static let form = part + part + "--x--\r\n"
    private static let formFields: HeaderFields = ["Content-Type": "multipart/form-data; boundary=x"]

    private static let again = "a streamed body, a form or a part of one can be read once"

    /// A handler that reads twice in one of the possible ways, and returns what it has read.
    struct Reading: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let handler: AsyncHandler

        init(_ description: String, _ handler: @escaping AsyncHandler) {
            testDescription = description
            self.handler = handler
        }
    }

    private static func count(_ chunks: some AsyncSequence<[UInt8], any Error>) async throws -> Int {
        var count = 0
        for try await chunk in chunks { count += chunk.count }
        return count
    }

    private static func count(_ parts: MultipartParts) async throws -> Int {
        var count = 0
        for try await _ in parts { count += 1 }
        return count
    }

    static let readings = [
        Reading("the chunks of a body") { request in
            let count = try await count(request.body.chunks)
            return .text("\(try await count + Self.count(request.body.chunks))")
        },
        Reading("the parts of a form") { request in
            let parts = try request.multipart()
            return .text("\(try await count(parts) + count(parts))")
        },
        Reading("the form of a body") { request in
            let count = try await count(request.multipart())
            return .text("\(try await count + Self.count(request.multipart()))")
        },
        Reading("the form of a body, of which one part was read") { request in
            for try await part in try request.multipart() {
                _ = try await part.collect()
                break
            }
            return .text("\(try await count(request.multipart()))")
        },
        Reading("the form of a body after its chunks") { request in
            for try await _ in request.body.chunks { break }
            return .text("\(try await count(request.multipart()))")
        },
        Reading("the chunks of a body after its form") { request in
            for try await _ in try request.multipart() { break }
            return .text("\(try await count(request.body.chunks))")
        },
        Reading("the content of a part") { request in
            var count = 0
            for try await part in try request.multipart() {
                count += try await part.collect().count
                count += try await part.collect().count
            }
            return .text("\(count)")
        },
        Reading("the chunks of a part") { request in
            var total = 0
            for try await part in try request.multipart() {
                total += try await count(part.chunks)
                total += try await count(part.chunks)
            }
            return .text("\(total)")
        },
    ]

    @Test("is an error where the first reader has reached the end, or reads in another way", arguments: readings)
    func error(_ reading: Reading) async throws {
        let events = Events()
        var router = Router()
        router.post("/", body: .stream, handler: reading.handler)
        var configuration = ServerConfiguration()
        configuration.log = ClosureLog { events.add($0) }
        let client = try TestClient(router: router, configuration: configuration)
        let response = try await client.post("/", headers: Self.formFields, body: Self.form)
        #expect(response.status == .internalServerError)
        #expect(events.all.count == 1 && events.all[0].contains(Self.again), "\(events.all)")
    }

    @Test("continues where the first reader has stopped before the end")
    func continuing() async throws {
        var router = Router()
        router.post("/", body: .stream) { request in
            var text = ""
            for try await chunk in request.body.chunks {
                text += String(decoding: chunk, as: UTF8.self) + ","
                break
            }
            var iterator = request.body.chunks.makeAsyncIterator()
            while let chunk = try await iterator.next() { text += String(decoding: chunk, as: UTF8.self) }
            // An iterator that has ended stays at its end.
            #expect(try await iterator.next() == nil)
            return .text(text)
        }
        router.post("/form", body: .stream) { request in
            let parts = try request.multipart()
            var text = ""
            for try await part in parts {
                for try await chunk in part.chunks {
                    text += "\(chunk.count > 0)"
                    break
                }
                text += "\(try await part.collect().count < 5)"
                break
            }
            var iterator = parts.makeAsyncIterator()
            while let part = try await iterator.next() { text += " \(try await part.collect().count)" }
            #expect(try await iterator.next() == nil)
            return .text(text)
        }
        let client = try TestClient(router: router)
        let upload = try await client.beginUpload(.post, "/")
        try await upload.write("one")
        try await upload.write("two")
        try await upload.write("three")
        let text = try await upload.response().text
        #expect(text.filter { $0 != "," } == "onetwothree" && text.hasPrefix("one"))
        let response = try await client.post("/form", headers: Self.formFields, body: Self.form)
        // All of a part's content arrives at once here, so nothing is left but its end.
        #expect(response.text == "truetrue 5")
    }

    @Test("is possible as often as one likes for a body that was collected")
    func collected() async throws {
        var router = Router()
        router.post("/") { request in
            var total = 0
            for _ in 0..<3 { total += try await Self.count(request.body.chunks) }
            for _ in 0..<3 { total += try await Self.count(request.multipart()) * 1000 }
            return .text("\(total)")
        }
        let client = try TestClient(router: router)
        let response = try await client.post("/", headers: Self.formFields, body: Self.form)
        #expect(response.text == "\(3 * Self.form.utf8.count + 6000)")
    }

    @Test("is an error in blocking handlers, too", arguments: ["body", "form", "part", "last-part"])
    func blocking(_ path: String) async throws {
        let events = Events()
        var router = Router()
        router.post("/body", .blocking, body: .stream) { request in
            for _ in 0..<2 { while try request.body.nextChunk() != nil {} }
            return .text("twice")
        }
        router.post("/form", .blocking, body: .stream) { request in
            var parts = try request.multipart()
            for _ in 0..<2 { while try parts.nextPart() != nil {} }
            return .text("twice")
        }
        router.post("/part", .blocking) { request in
            var parts = try request.multipart()
            while let part = try parts.nextPart() { for _ in 0..<2 { _ = try part.collect() } }
            return .text("twice")
        }
        router.post("/last-part", .blocking) { request in
            var parts = try request.multipart()
            var last: MultipartPart?
            while let part = try parts.nextPart() { last = part }
            return .bytes(try last?.collect() ?? [])
        }
        var configuration = ServerConfiguration()
        configuration.log = ClosureLog { events.add($0) }
        let client = try TestClient(router: router, configuration: configuration)
        let response = try await client.post("/\(path)", headers: Self.formFields, body: Self.form)
        #expect(response.status == .internalServerError)
        let reason = path == "last-part" ? "\(StreamError.partPassed)" : Self.again
        #expect(events.all.count == 1 && events.all[0].contains(reason), "\(events.all)")
    }
}
