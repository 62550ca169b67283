/// An actor whose executor runs everything on one thread.
package protocol ThreadBoundActor: Actor {
    /// Whether the calling thread is the actor's.
    nonisolated var isCurrent: Bool { get }

    /// Touches the actor's state. In a function that does not, the optimizer of Swift 6.3 leaves out the switch to the
    /// actor's executor.
    func enter()
}

/// Calls `body` on an actor's thread, wherever the caller runs.
package func resume<Result: Sendable>(
    on actor: some ThreadBoundActor, isolation: isolated (any Actor)? = #isolation,
    _ body: nonisolated(nonsending) () async throws -> Result
) async throws -> Result {
    if actor.isCurrent { return try await body() }
    return try await withoutActuallyEscaping(body) { body in
        // Without it, the closure would not have the caller's isolation, and could not use `body`.
        _ = isolation
        return try await actor.perform(Crossing(body: body))
    }
}

extension ThreadBoundActor {
    fileprivate func perform<Result>(_ crossing: Crossing<Result>) async throws -> Result {
        enter()
        return try await crossing.body()
    }
}

/// A function that another executor calls while its caller waits.
private struct Crossing<Result: Sendable>: @unchecked Sendable {
    // `@unchecked Sendable`: whatever the function captures is used by one task, which is in one place at a time.
    let body: nonisolated(nonsending) () async throws -> Result
}
