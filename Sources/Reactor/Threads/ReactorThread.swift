import Platform
import Synchronization

/// A thread that runs one reactor. It sets up the reactor with a driver, and then waits, so that a group serves only
/// once all of its reactors have drivers of the same kind.
final class ReactorThread: Sendable {
    let mailbox: ReactorMailbox
    private let context: Context
    /// The thread, until it is joined.
    private let thread: Mutex<Thread?>

    /// What the thread does next.
    private enum Command {
        /// Frees the reactor that it has, if any, and creates one with a driver of this kind.
        case setUp(DriverKind)
        case serve
        case end
    }

    /// The state shared by the starting thread and the new one.
    private final class Context: @unchecked Sendable {
        // Protected by the semaphores and by join: the starter writes `command` before it signals `commanded`; the new
        // thread writes `failure` before it signals `done`, or before it ends. Each reads after waiting.
        let listeners: [ReactorListener]
        let configuration: ConnectionConfiguration
        let clients: ConnectionCounts
        let mailbox: ReactorMailbox
        let makeRing: ReactorGroupConfiguration.RingMaker
        let index: Int
        let whenFailed: @Sendable (SystemError) -> Void
        let commanded = Semaphore()
        let done = Semaphore()
        /// Set when the thread has freed its reactor and does nothing more.
        let hasEnded = Atomic<Bool>(false)
        var command = Command.end
        var failure: SystemError?

        init(
            listeners: [ReactorListener], index: Int, configuration: ReactorGroupConfiguration,
            clients: ConnectionCounts, mailbox: ReactorMailbox, whenFailed: @escaping @Sendable (SystemError) -> Void
        ) {
            self.listeners = listeners
            self.index = index
            self.configuration = configuration.connections
            self.clients = clients
            self.mailbox = mailbox
            self.whenFailed = whenFailed
            makeRing = configuration.makeRing
        }
    }

    /// Starts the thread, which waits for `setUp`.
    init(
        listeners: [ReactorListener], index: Int, configuration: ReactorGroupConfiguration, clients: ConnectionCounts,
        counters: Counters<ReactorCount>, whenFailed: @escaping @Sendable (SystemError) -> Void
    ) throws(ServerError) {
        do throws(SystemError) {
            mailbox = try ReactorMailbox(
                outputHighWaterByteCount: configuration.connections.buffers.outputHighWaterByteCount,
                counters: counters, index: index)
        } catch {
            throw .cannotListen(ListenError(error))
        }
        context = Context(
            listeners: listeners, index: index, configuration: configuration, clients: clients, mailbox: mailbox,
            whenFailed: whenFailed)
        do throws(SystemError) {
            thread = Mutex(
                try Thread(named: "hs-reactor-\(index)") { [context, owner = configuration.owner] in
                    if let owner {
                        ThreadOwner.mark(owner) { ReactorThread.main(context) }
                    } else {
                        ReactorThread.main(context)
                    }
                    // Relaxed: whoever sees it joins the thread.
                    context.hasEnded.store(true, ordering: .relaxed)
                    ProcessEvents.announce()
                })
        } catch {
            throw .noThread(error)
        }
    }

    /// Creates the reactor, in place of the one that the thread may have.
    func setUp(_ kind: DriverKind) throws(SystemError) {
        perform(.setUp(kind))
        context.done.wait()
        if let failure = context.failure { throw failure }
    }

    /// Serves, once the reactor was set up. Called once.
    func serve() {
        perform(.serve)
        context.done.wait()
    }

    /// Ends a thread that does not serve. Called at most once, instead of `serve`.
    func end() {
        perform(.end)
        _ = join { nil }
    }

    private func perform(_ command: Command) {
        context.command = command
        context.commanded.signal()
    }

    /// Waits for the end of the thread, or until the deadline. Must be called once. Returns whether the thread has
    /// ended. If it hasn't, it is left alone. It retains whatever it uses, so its reactor can still close its
    /// connections and end, should it ever be free again.
    func join(deadline: () -> ContinuousClock.Instant?) -> Bool {
        ProcessEvents.wait(deadline: deadline) { context.hasEnded.load(ordering: .relaxed) }
        guard context.hasEnded.load(ordering: .relaxed) else { return false }
        thread.withLock { $0.take() }?.join()
        return true
    }

    // MARK: - The thread itself

    /// A reactor and its driver, once it has one.
    private enum AnyReactor: ~Copyable {
        case none
        case ring(Reactor<UringDriver>)
        case epoll(Reactor<EpollDriver>)
    }

    private static func main(_ context: Context) {
        var reactor = AnyReactor.none
        while true {
            context.commanded.wait()
            switch context.command {
            case .setUp(let kind):
                // Before the next one is created, which may need what this one holds.
                reactor = .none
                context.failure = nil
                do throws(SystemError) {
                    switch kind {
                    case .ioUring: reactor = .ring(makeReactor(try context.makeRing(context.index), context))
                    case .epoll:
                        let driver = try EpollDriver(configuration: DriverConfiguration())
                        reactor = .epoll(makeReactor(driver, context))
                    }
                } catch {
                    context.failure = error
                }
                context.done.signal()
            case .serve:
                switch consume reactor {
                case .ring(let reactor): serve(context, reactor)
                case .epoll(let reactor): serve(context, reactor)
                case .none: preconditionFailure("a thread serves after its reactor was set up")
                }
                return
            case .end:
                return
            }
        }
    }

    private static func makeReactor<KernelDriver: Driver & ~Copyable>(
        _ driver: consuming KernelDriver, _ context: Context
    ) -> Reactor<KernelDriver> {
        Reactor(
            driver: driver, listeners: context.listeners, mailbox: context.mailbox,
            configuration: context.configuration, clients: context.clients,
            highestDescriptor: DescriptorLimit.current.highest)
    }

    private static func serve<KernelDriver: Driver & ~Copyable>(
        _ context: Context, _ reactor: consuming Reactor<KernelDriver>
    ) {
        var reactor = reactor
        context.done.signal()
        do throws(SystemError) {
            try reactor.run()
        } catch {
            context.failure = error
            context.whenFailed(error)
        }
    }
}
