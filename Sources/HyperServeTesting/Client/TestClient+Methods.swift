public import HyperServe

// A function for each common method.
extension TestClient {
    /// Sends a GET and returns its response.
    public func get(_ target: String, headers: HeaderFields = .init()) async throws -> TestResponse {
        try await send(.get, target, headers: headers)
    }

    /// Sends a HEAD and returns its response, which has no body.
    public func head(_ target: String, headers: HeaderFields = .init()) async throws -> TestResponse {
        try await send(.head, target, headers: headers)
    }

    /// Sends a DELETE and returns its response.
    public func delete(_ target: String, headers: HeaderFields = .init()) async throws -> TestResponse {
        try await send(.delete, target, headers: headers)
    }

    /// Sends a POST with text in UTF-8 and returns its response.
    public func post(
        _ target: String, headers: HeaderFields = .init(), body: String = ""
    ) async throws -> TestResponse {
        try await send(.post, target, headers: headers, body: Array(body.utf8))
    }

    /// Sends a POST with `value` as JSON and returns its response.
    public func post(
        _ target: String, headers: HeaderFields = .init(), json value: some Encodable,
        coding: ValueCoding = ValueCoding()
    ) async throws -> TestResponse {
        try await send(.post, target, headers: headers, json: value, coding: coding)
    }

    /// Sends a PUT with text in UTF-8 and returns its response.
    public func put(
        _ target: String, headers: HeaderFields = .init(), body: String = ""
    ) async throws -> TestResponse {
        try await send(.put, target, headers: headers, body: Array(body.utf8))
    }

    /// Sends a PUT with `value` as JSON and returns its response.
    public func put(
        _ target: String, headers: HeaderFields = .init(), json value: some Encodable,
        coding: ValueCoding = ValueCoding()
    ) async throws -> TestResponse {
        try await send(.put, target, headers: headers, json: value, coding: coding)
    }

    /// Sends a PATCH with text in UTF-8 and returns its response.
    public func patch(
        _ target: String, headers: HeaderFields = .init(), body: String = ""
    ) async throws -> TestResponse {
        try await send(.patch, target, headers: headers, body: Array(body.utf8))
    }

    /// Sends a PATCH with `value` as JSON and returns its response.
    public func patch(
        _ target: String, headers: HeaderFields = .init(), json value: some Encodable,
        coding: ValueCoding = ValueCoding()
    ) async throws -> TestResponse {
        try await send(.patch, target, headers: headers, json: value, coding: coding)
    }

    /// Sends a request with `value` as JSON and returns its response.
    ///
    /// - Throws: `EncodingError` if the value can't be encoded, and what `send(_:_:headers:body:)` throws.
    public func send(
        _ method: Method, _ target: String, headers: HeaderFields = .init(), json value: some Encodable,
        coding: ValueCoding = ValueCoding()
    ) async throws -> TestResponse {
        let body = try JSON.encode(value, coding: coding)
        var headers = headers
        if headers["Content-Type"] == nil { headers["Content-Type"] = "application/json" }
        return try await send(method, target, headers: headers, body: body)
    }
}
