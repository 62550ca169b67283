import GRDB
import Glibc

/// How long each of these holds its thread, in microseconds.
private let blockedMicroseconds: UInt32 = 500_000

private actor Account {
    func block() { usleep(blockedMicroseconds) }
}

@MainActor
private func blockMainThread() { usleep(blockedMicroseconds) }

@concurrent
private func blockConcurrently() async { usleep(blockedMicroseconds) }

/// What an async handler may await, and what then holds a thread: one of each kind.
enum Blocker: String, CaseIterable {
    case actor
    case concurrent
    case asyncLet = "async-let"
    case taskGroup = "task-group"
    case mainActor = "main-actor"
    case database

    private static let account = Account()
    private static let queue: DatabaseQueue? = {
        let block = DatabaseFunction("block", argumentCount: 0) { _ in
            usleep(blockedMicroseconds)
            return nil
        }
        var configuration = Configuration()
        configuration.prepareDatabase { $0.add(function: block) }
        return try? DatabaseQueue(configuration: configuration)
    }()

    struct NoDatabase: Error {}

    nonisolated(nonsending) func run() async throws {
        switch self {
        case .actor: await Self.account.block()
        case .concurrent: await blockConcurrently()
        case .asyncLet:
            async let blocked: Void = { _ = usleep(blockedMicroseconds) }()
            await blocked
        case .taskGroup:
            await withTaskGroup(of: Void.self) { group in
                group.addTask { usleep(blockedMicroseconds) }
            }
        case .mainActor: await blockMainThread()
        case .database:
            guard let queue = Self.queue else { throw NoDatabase() }
            // Of a Sendable type: for others, Swift calls the `read` that blocks its caller, `await` or not.
            _ = try await queue.read { try Int.fetchOne($0, sql: "SELECT block()") }
        }
    }
}
