public import HyperServe

/// Uploads of measurements, and reports about them.
///
/// | route | what it does | how it runs |
/// |---|---|---|
/// | `PUT /series/{name}` | reads numbers, one per line, as they arrive | async, streamed |
/// | `GET /series/{name}` | sends them | async, streamed |
/// | `GET /series/{name}/report` | sorts them, which takes a while | blocking |
public func reportRoutes(_ store: SeriesStore) -> Router {
    var router = Router()

    // The body may be far larger than the memory that one request should use: it is read in pieces, and the client is
    // slowed down while they are not read.
    router.put("/series/{name}", body: .stream(upTo: 1_000_000_000)) { request async throws in
        let name = try request.parameter("name", as: String.self)
        var numbers = NumberLines()
        for try await chunk in request.body.chunks { try numbers.append(chunk) }
        let values = try numbers.finish()
        store.replace(name, with: values)
        return try .json(Accepted(series: name, count: values.count), status: .created)
    }

    router.get("/series/{name}") { request in
        let values = try store.values(of: request.parameter("name", as: String.self))
        return .stream(contentType: .plainText) { writer in
            for value in values { try await writer.write("\(value)\n") }
        }
    }

    // Sorting a million numbers takes a tenth of a second. On the reactor's thread all its clients would wait for it.
    router.get("/series/{name}/report", .blocking) { request in
        let name = try request.parameter("name", as: String.self)
        return try .json(Report(series: name, values: store.values(of: name)))
    }

    return router
}

/// The response to an upload.
struct Accepted: Encodable {
    let series: String
    let count: Int
}
