import Platform

/// The middlewares around a handler, the outermost first.
///
/// Each `next` is a closure that does not escape, so it is on the stack, and a chain without async middlewares
/// allocates nothing.
struct MiddlewareChain: Sendable {
    private let stages: [MiddlewareStage]
    private let refusals: [any RefusalFilter]
    /// Whether some of it can be called in async code only.
    let isAsync: Bool

    init(_ middlewares: [any Middleware]) {
        stages = middlewares.flatMap(MiddlewareStage.stages)
        refusals = middlewares.compactMap { $0 as? any RefusalFilter }
        isAsync = stages.contains { $0.isAsync }
    }

    /// Whether it changes nothing.
    var isEmpty: Bool { stages.isEmpty }

    /// Calls those that change responses which are sent in the handler's place.
    func refuse(_ request: borrowing Request, _ context: inout RequestContext, _ response: inout Response) {
        for refusal in refusals { refusal.refused(request, context: &context, response: &response) }
    }
}

// MARK: - On the handler's thread

extension MiddlewareChain {
    /// Calls the handler inside its middlewares. Async ones are called only on a thread that may block, and block it.
    func run(
        _ request: borrowing Request, _ context: inout RequestContext, from index: Int = 0,
        _ handler: (borrowing Request, inout RequestContext) throws -> Response
    ) throws -> Response {
        guard index < stages.count else { return try handler(request, &context) }
        switch stages[index] {
        case .request(let filter):
            if let response = try filter.before(request, context: &context) { return response }
            return try run(request, &context, from: index + 1, handler)
        case .response(let filter):
            var response = inner(request, &context, from: index + 1, handler)
            filter.after(request, context: &context, response: &response)
            return response
        case .filter(let before, let after):
            if let response = try before.before(request, context: &context) { return response }
            var response = inner(request, &context, from: index + 1, handler)
            after.after(request, context: &context, response: &response)
            return response
        case .stateful(let filter):
            return try run(filter, request, &context, from: index + 1, handler)
        case .errorMapping(let mapping):
            return try mapping.map(request, &context) { context in
                try run(request, &context, from: index + 1, handler)
            }
        case .asyncRequest, .asyncFilter, .async:
            return try runBlocking(stages[index], request, &context, from: index + 1, handler)
        }
    }

    /// Does the same, and turns errors into responses.
    private func inner(
        _ request: borrowing Request, _ context: inout RequestContext, from index: Int,
        _ handler: (borrowing Request, inout RequestContext) throws -> Response
    ) -> Response {
        do {
            return try run(request, &context, from: index, handler)
        } catch {
            return context.response(to: error, for: request)
        }
    }

    private func run<Filter: StatefulFilter>(
        _ filter: Filter, _ request: borrowing Request, _ context: inout RequestContext, from index: Int,
        _ handler: (borrowing Request, inout RequestContext) throws -> Response
    ) throws -> Response {
        switch try filter.begin(request, context: &context) {
        case .respond(let response): return response
        case .proceed(let state):
            var response = inner(request, &context, from: index, handler)
            filter.end(state, request, context: &context, response: &response)
            return response
        }
    }

    @inline(never)
    private func runBlocking(
        _ stage: MiddlewareStage, _ request: borrowing Request, _ context: inout RequestContext, from index: Int,
        _ handler: (borrowing Request, inout RequestContext) throws -> Response
    ) throws -> Response {
        precondition(context.isOnPool, "routes with async middlewares that are not blocking are handled in tasks")
        return try ThreadActor.wait(request, &context) { actor, request, context async throws in
            try await run(stage, request, &context) { request, context async throws in
                try await resume(on: actor) { try run(request, &context, from: index, handler) }
            }
        }
    }
}

// MARK: - In a task

extension MiddlewareChain {
    /// Calls the handler inside its middlewares, in the request's task.
    func run(
        _ request: borrowing Request, _ context: inout RequestContext, from index: Int = 0,
        _ handler: AsyncMiddleware.Next
    ) async throws -> Response {
        guard index < stages.count else { return try await handler(request, &context) }
        guard case .async = stages[index] else {
            return try await run(stages[index], request, &context) { request, context async throws in
                try await run(request, &context, from: index + 1, handler)
            }
        }
        // The middleware may call `next` on any executor.
        return try await run(stages[index], request, &context) { request, context async throws in
            try await resume(on: request.reactor) { try await run(request, &context, from: index + 1, handler) }
        }
    }

    private func run(
        _ stage: MiddlewareStage, _ request: borrowing Request, _ context: inout RequestContext,
        _ next: AsyncMiddleware.Next
    ) async throws -> Response {
        switch stage {
        case .request(let filter):
            if let response = try filter.before(request, context: &context) { return response }
            return try await next(request, &context)
        case .response(let filter):
            var response = await inner(request, &context, next)
            filter.after(request, context: &context, response: &response)
            return response
        case .filter(let before, let after):
            if let response = try before.before(request, context: &context) { return response }
            var response = await inner(request, &context, next)
            after.after(request, context: &context, response: &response)
            return response
        case .stateful(let filter):
            return try await run(filter, request, &context, next)
        case .errorMapping(let mapping):
            return try await mapping.map(request, &context) { context async throws in
                try await next(request, &context)
            }
        case .asyncRequest(let filter):
            if let response = try await filter.before(request, context: &context) { return response }
            return try await next(request, &context)
        case .asyncFilter(let before, let after):
            if let response = try await before.before(request, context: &context) { return response }
            var response = await inner(request, &context, next)
            after.after(request, context: &context, response: &response)
            return response
        case .async(let middleware):
            return try await middleware.handle(request, context: &context, next: next)
        }
    }

    /// Calls the next middleware or the handler, and turns errors into responses.
    private func inner(
        _ request: borrowing Request, _ context: inout RequestContext, _ next: AsyncMiddleware.Next
    ) async -> Response {
        do {
            return try await next(request, &context)
        } catch {
            return context.response(to: error, for: request)
        }
    }

    private func run<Filter: StatefulFilter>(
        _ filter: Filter, _ request: borrowing Request, _ context: inout RequestContext, _ next: AsyncMiddleware.Next
    ) async throws -> Response {
        switch try filter.begin(request, context: &context) {
        case .respond(let response): return response
        case .proceed(let state):
            var response = await inner(request, &context, next)
            filter.end(state, request, context: &context, response: &response)
            return response
        }
    }
}
