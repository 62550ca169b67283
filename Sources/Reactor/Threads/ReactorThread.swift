import Platform
import Synchronization

/// A thread that runs one reactor.
final class ReactorThread: Sendable {
    let driver: DriverKind
    let fallbackReason: SystemError?
    let mailbox: ReactorMailbox
    private let context: Context
    /// The thread, until it is joined.
    private let thread: Mutex<Thread?>

    /// The state shared by the starting thread and the new one.
    private final class Context: @unchecked Sendable {
        // Protected by `started` and by join: the new thread writes `outcome` before it posts and `failure` before it
        // ends; the starter reads them after waiting for each.
        let listeners: [ReactorListener]
        let index: Int
        let wantedDriver: DriverKind?
        let configuration: ConnectionConfiguration
        let clients: ConnectionCounts
        let mailbox: ReactorMailbox
        let whenFailed: @Sendable (SystemError) -> Void
        let started = Semaphore()
        var outcome: Result<(DriverKind, SystemError?), ServerError>
        var failure: SystemError?

        init(
            listeners: [ReactorListener], index: Int, driver: DriverKind?, configuration: ConnectionConfiguration,
            clients: ConnectionCounts, mailbox: ReactorMailbox, whenFailed: @escaping @Sendable (SystemError) -> Void
        ) {
            self.listeners = listeners
            self.index = index
            wantedDriver = driver
            self.configuration = configuration
            self.clients = clients
            self.mailbox = mailbox
            self.whenFailed = whenFailed
            outcome = .failure(.noThread(SystemError("start", code: 0)))
        }
    }

    /// Starts the thread and returns once it serves.
    init(
        listeners: [ReactorListener], index: Int, driver wanted: DriverKind?, configuration: ConnectionConfiguration,
        owner: ObjectIdentifier?, clients: ConnectionCounts, counters: Counters<ReactorCount>,
        whenFailed: @escaping @Sendable (SystemError) -> Void
    ) throws(ServerError) {
        do throws(SystemError) {
            mailbox = try ReactorMailbox(
                outputHighWaterByteCount: configuration.buffers.outputHighWaterByteCount,
                counters: counters, index: index)
        } catch {
            throw .cannotListen(ListenError(error))
        }
        context = Context(
            listeners: listeners, index: index, driver: wanted, configuration: configuration, clients: clients,
            mailbox: mailbox, whenFailed: whenFailed)
        let thread: Thread
        do throws(SystemError) {
            thread = try Thread(named: "hs-reactor-\(index)") { [context] in
                if let owner { ThreadOwner.mark(owner) }
                ReactorThread.main(context)
            }
        } catch {
            throw .noThread(error)
        }
        context.started.wait()
        switch context.outcome {
        case .success(let (kind, reason)):
            driver = kind
            fallbackReason = reason
        case .failure(let error):
            thread.join()
            throw error
        }
        self.thread = Mutex(thread)
    }

    /// Waits for the end of the thread. Must be called once. Returns the reactor's failure, if it failed.
    func join() -> SystemError? {
        thread.withLock { $0.take() }?.join()
        return context.failure
    }

    /// The thread's main function: sets up a driver, signals the starting thread, and serves.
    private static func main(_ context: Context) {
        var reason: SystemError?
        if context.wantedDriver != .epoll {
            do throws(SystemError) {
                return serve(context, try UringDriver(configuration: DriverConfiguration()), reason: nil)
            } catch {
                guard context.wantedDriver == nil else {
                    context.outcome = .failure(ServerError(.ioUring, error))
                    return context.started.signal()
                }
                reason = error
            }
        }
        do throws(SystemError) {
            serve(context, try EpollDriver(configuration: DriverConfiguration()), reason: reason)
        } catch {
            context.outcome = .failure(ServerError(.epoll, error))
            context.started.signal()
        }
    }

    private static func serve<KernelDriver: Driver & ~Copyable>(
        _ context: Context, _ driver: consuming KernelDriver, reason: SystemError?
    ) {
        var reactor = Reactor(
            driver: driver, listeners: context.listeners, mailbox: context.mailbox,
            configuration: context.configuration, clients: context.clients,
            highestDescriptor: DescriptorLimit.current.highest)
        context.outcome = .success((KernelDriver.kind, reason))
        context.started.signal()
        do throws(SystemError) {
            try reactor.run()
        } catch {
            context.failure = error
            context.whenFailed(error)
        }
    }
}
