public import HyperServe

// A function for each usual method.
extension TestClient {
    /// Sends a GET and returns its answer.
    public func get(_ target: String, headers: HeaderFields = .init()) async throws -> TestResponse {
        try await send(.get, target, headers: headers)
    }

    /// Sends a HEAD and returns its answer, which has no body.
    public func head(_ target: String, headers: HeaderFields = .init()) async throws -> TestResponse {
        try await send(.head, target, headers: headers)
    }

    /// Sends a DELETE and returns its answer.
    public func delete(_ target: String, headers: HeaderFields = .init()) async throws -> TestResponse {
        try await send(.delete, target, headers: headers)
    }

    /// Sends a POST with a text in UTF-8 and returns its answer.
    public func post(
        _ target: String, headers: HeaderFields = .init(), body: String = ""
    ) async throws -> TestResponse {
        try await send(.post, target, headers: headers, body: Array(body.utf8))
    }

    /// Sends a POST with `value` as JSON and returns its answer.
    public func post(
        _ target: String, headers: HeaderFields = .init(), json value: some Encodable
    ) async throws -> TestResponse {
        try await send(.post, target, headers: headers, json: value)
    }

    /// Sends a PUT with a text in UTF-8 and returns its answer.
    public func put(
        _ target: String, headers: HeaderFields = .init(), body: String = ""
    ) async throws -> TestResponse {
        try await send(.put, target, headers: headers, body: Array(body.utf8))
    }

    /// Sends a PUT with `value` as JSON and returns its answer.
    public func put(
        _ target: String, headers: HeaderFields = .init(), json value: some Encodable
    ) async throws -> TestResponse {
        try await send(.put, target, headers: headers, json: value)
    }

    /// Sends a PATCH with a text in UTF-8 and returns its answer.
    public func patch(
        _ target: String, headers: HeaderFields = .init(), body: String = ""
    ) async throws -> TestResponse {
        try await send(.patch, target, headers: headers, body: Array(body.utf8))
    }

    /// Sends a PATCH with `value` as JSON and returns its answer.
    public func patch(
        _ target: String, headers: HeaderFields = .init(), json value: some Encodable
    ) async throws -> TestResponse {
        try await send(.patch, target, headers: headers, json: value)
    }

    /// Sends a request with `value` as JSON and returns its answer.
    ///
    /// - Throws: `EncodingError` when the value cannot be encoded, and what `send(_:_:headers:body:)` throws.
    public func send(
        _ method: Method, _ target: String, headers: HeaderFields = .init(), json value: some Encodable
    ) async throws -> TestResponse {
        let body = try JSON.encode(value)
        var headers = headers
        if headers["Content-Type"] == nil { headers["Content-Type"] = "application/json" }
        return try await send(method, target, headers: headers, body: body)
    }
}
