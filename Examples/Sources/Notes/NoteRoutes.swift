public import HyperServe

/// Notes that everybody can read, and clients with the token can write.
///
/// | route | response |
/// |---|---|
/// | `GET /notes`, `GET /notes?done=true` | all notes, or some |
/// | `GET /notes/{id}` | one |
/// | `POST /notes` | 201 and the location of the new note |
/// | `PUT /notes/{id}` | the changed note |
/// | `DELETE /notes/{id}` | 204 |
public func noteRoutes(_ store: NoteStore, token: String) -> Router {
    var router = Router()

    router.get("/notes") { request in
        let isDone = try request.query.parameter("done", as: Bool.self)
        return try .json(store.list(isDone: isDone))
    }

    router.get("/notes/{id}") { request in
        try .json(store.find(request.parameter("id", as: Int.self)))
    }

    router.post("/notes") { request in
        try authorize(request, token)
        let draft = try request.decode(json: NoteDraft.self)
        try draft.validate()
        let note = store.add(draft)
        var response = try Response.json(note, status: .created)
        response.headers["Location"] = "/notes/\(note.id)"
        return response
    }

    router.put("/notes/{id}") { request in
        try authorize(request, token)
        let draft = try request.decode(json: NoteDraft.self)
        try draft.validate()
        return try .json(store.replace(request.parameter("id", as: Int.self), with: draft))
    }

    router.delete("/notes/{id}") { request in
        try authorize(request, token)
        try store.remove(request.parameter("id", as: Int.self))
        return .status(.noContent)
    }

    return router
}
