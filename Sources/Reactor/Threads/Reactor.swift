import Glibc
import HTTPCore
package import Platform

/// The server of one thread: accepts connections, passes received bytes to them and sends their responses.
///
/// All state belongs to the thread that calls `run`. Other threads reach the reactor through its mailbox.
package struct Reactor<KernelDriver: Driver & ~Copyable>: ~Copyable {
    var driver: KernelDriver
    var connections = ConnectionTable()
    var context: ReactorContext
    var wheel: TimerWheel
    /// The listeners, indexed by the slots of their accept tokens.
    let listeners: [ReactorListener]
    let mailbox: ReactorMailbox
    /// The current moment, read once a turn.
    var now: Int64
    var isTimerSet = false
    var accepting: Accepting
    var stopping = Stopping()
    var failures = WaitFailures()
    var freedMemory = FreedMemoryWatch()
    /// Connections that have used up their share of a turn, in the order in which they began to wait.
    var deferred: [Token] = []
    var bulk = BulkQueue()
    var quietSends = QuietSends()

    /// Creates a reactor whose driver makes connections by itself.
    package init(
        driver: consuming KernelDriver, mailbox: ReactorMailbox, configuration: ConnectionConfiguration,
        application: any Application
    ) {
        self.init(
            driver: driver, listeners: [ReactorListener(application: application)], mailbox: mailbox,
            configuration: configuration)
    }

    /// - Parameter clients: The counts of connections, shared by all reactors of the server.
    init(
        driver: consuming KernelDriver, listeners: [ReactorListener], mailbox: ReactorMailbox,
        configuration: ConnectionConfiguration, clients: ConnectionCounts = ConnectionCounts(),
        highestDescriptor: Int32 = .max
    ) {
        now = driver.nanoseconds
        self.driver = driver
        self.listeners = listeners
        self.mailbox = mailbox
        context = ReactorContext(configuration: configuration, mailbox: mailbox)
        wheel = TimerWheel(currentTick: Clock.tick(now))
        accepting = Accepting(
            clients: clients, highestDescriptor: highestDescriptor, maximumBurst: configuration.maximumAcceptBurst)
        for index in listeners.indices { listeners[index].setIndex(index) }
    }

    /// Serves until the reactor is asked to stop and the last connection is closed.
    package mutating func run() throws(SystemError) {
        mailbox.executor.adoptThread()
        defer { abandonExchanges() }
        begin()
        // Late messages must not be posted to the next owner of the ring's descriptor.
        defer { mailbox.forgetRing() }
        while !isFinished {
            do throws(SystemError) {
                let isBulkLeft = submitBulk()
                // Deferred connections have input left, of which the driver knows nothing.
                try driver.wait(blocks: !isBulkLeft && deferred.isEmpty)
                if failures.count > 0 { failures.count = 0 }
            } catch {
                try recover(from: error)
            }
            now = driver.nanoseconds
            context.updateDate(unixSeconds: driver.unixSeconds)
            context.turn &+= 1
            let dueCount = deferred.count
            if !quietSends.isEmpty { checkQuietSends() }
            while let completion = driver.nextCompletion() {
                handle(completion)
                driver.release(completion)
            }
            continueDeferred(dueCount)
            expireDeadlines()
            runTasks()
            armTimer()
            mailbox.counts.publish(
                connections: connections.count, requests: context.requestCount,
                connectionSlots: connections.slotsInUse, receiveBuffers: driver.buffersInUse, deadlines: wheel.count)
            if let failure = accepting.failure { throw failure }
        }
    }

    /// Submits the operations that a new or restarted driver needs: wake-ups and accepts.
    mutating func begin() {
        driver.submit(.wake(descriptor: mailbox.wakeEvent.descriptor), .none)
        mailbox.preferRing(driver.ringDescriptor, userData: Token.none.packed(.message))
        for listener in listeners { startAccepting(listener) }
    }

    private var isFinished: Bool {
        stopping.deadline != nil && !listeners.contains(where: \.isOpen) && connections.count == 0 && hasNoTasks
    }

    private mutating func handle(_ completion: borrowing Completion) {
        switch completion.kind {
        case .accept: accepted(completion)
        case .receive: received(completion)
        case .send: sent(completion.token, Int(completion.result))
        case .quietSend:
            quietSends.remove(completion.token)
            sent(completion.token, Int(completion.result))
        case .barrier:
            quietSends.endBarrier(completion.token)
            completeQuietSends()
        case .wake, .message: readMailbox()
        case .timer: isTimerSet = false
        case .ignored, .largeReceive: break
        }
    }

    private mutating func received(_ completion: borrowing Completion) {
        // A stale completion: the connection is gone, and its bytes are released with the buffer.
        guard let connection = unsafe connections.find(completion.token) else { return }
        if unsafe !completion.bytes.isEmpty {
            unsafe connection.pointee.received(completion.bytes, &context)
        }
        if completion.isFinal {
            // Ended although it brought bytes: the kernel ended the multishot receive, which is then started again.
            let failure = completion.result > 0 ? EAGAIN : -completion.result
            unsafe connection.pointee.receiveEnded(failure: failure, &context)
        }
        unsafe performActions(of: connection)
    }

    mutating func sent(_ token: Token, _ result: Int) {
        guard let connection = unsafe connections.find(token) else { return }
        if unsafe connection.pointee.sent(result, &context) { unsafe send(connection, .reported) }
        unsafe performActions(of: connection)
    }

    /// Performs the connection's actions after an event, and sets its next deadline.
    mutating func performActions(of connection: UnsafeMutablePointer<Connection>) {
        let token = unsafe connection.pointee.transport.token
        let descriptor = unsafe connection.pointee.transport.descriptor
        while let action = unsafe connection.pointee.nextAction(&context) {
            switch action {
            case .send(let isAwaited):
                unsafe send(connection, isAwaited ? .reported : .quiet)
            case .awaitSend:
                submitBarrier()
            case .sendMore:
                unsafe send(connection, .more)
            case .startReceiving:
                driver.submit(.receive(descriptor: descriptor, .multishot), token)
            case .receiveOnce:
                driver.submit(.receive(descriptor: descriptor, .once), token)
            case .receiveBulk:
                bulk.append(BulkQueue.Entry(token: token, direction: .receive))
            case .stopReceiving:
                driver.submit(.cancel(.receive), token)
            case .shutdownWriting:
                driver.submit(.shutdown(descriptor: descriptor, direction: Int32(SHUT_WR)), token)
            case .shutdown:
                driver.submit(.shutdown(descriptor: descriptor, direction: Int32(SHUT_RDWR)), token)
            case .close:
                return unsafe remove(connection)
            }
        }
        let deadline = unsafe connection.pointee.deadline(now: Clock.tick(now), &context)
        wheel.set(slot: token.slot, deadline: deadline)
        guard unsafe connection.pointee.transport.share.isDeferred && !connection.pointee.transport.share.isListed
        else { return }
        unsafe connection.pointee.transport.share.isListed = true
        deferred.append(token)
    }

    /// Sends `unacknowledged`, which the connection keeps in place until the completion.
    // Not inlined; otherwise each call of `performActions` would pay for this function's prologue.
    @inline(never)
    private mutating func send(_ connection: UnsafeMutablePointer<Connection>, _ mode: Operation.SendMode) {
        let token = unsafe connection.pointee.transport.token
        let descriptor = unsafe connection.pointee.transport.descriptor
        let bytes = unsafe connection.pointee.transport.unacknowledged.unsafeBytes
        if mode == .reported, bytes.count >= BulkQueue.largeSendByteCount {
            unsafe connection.pointee.transport.queueSend()
            return bulk.append(BulkQueue.Entry(token: token, direction: .send))
        }
        if mode == .quiet { quietSends.append(token, byteCount: bytes.count) }
        driver.submit(unsafe .send(descriptor: descriptor, bytes: bytes, mode), token)
    }

    /// Closes the socket, on which no operation is under way, and removes the connection.
    mutating func remove(_ connection: UnsafeMutablePointer<Connection>) {
        let token = unsafe connection.pointee.transport.token
        driver.submit(unsafe .close(descriptor: connection.pointee.transport.descriptor), token)
        wheel.clear(slot: token.slot)
        unsafe context.freedByteCount += connection.pointee.heldByteCount
        unsafe connection.pointee.endExchanges()
        unsafe uncount(connection)
        connections.remove(token)
    }

    /// Continues some of the first `dueCount` deferred connections, after the events of this turn.
    private mutating func continueDeferred(_ dueCount: Int) {
        var (taken, stepCount) = (0, 0)
        while taken < dueCount, stepCount < context.configuration.turns.maximumDeferredStepsPerTurn {
            let token = deferred[taken]
            taken += 1
            guard let connection = unsafe connections.find(token) else { continue }
            unsafe connection.pointee.transport.share.isListed = false
            unsafe stepCount += connection.pointee.continueDeferred(&context)
            unsafe performActions(of: connection)
        }
        if taken > 0 { deferred.removeFirst(taken) }
    }

    private mutating func expireDeadlines() {
        let tick = Clock.tick(now)
        while let slot = wheel.nextExpired(at: tick) {
            guard let connection = unsafe connections.occupant(of: slot) else { continue }
            if let question = unsafe connection.pointee.timedOut(&context) { unsafe ask(question, connection) }
            unsafe performActions(of: connection)
        }
        resumeAcceptingIfDue()
        giveMemoryBack(tick)
        context.log.reportLeftOut()
        if stopping.deadline != nil { continueStopping() }
    }

    /// Asks the kernel a question about a connection's peer, and ends the connection accordingly.
    private mutating func ask(_ question: Patience.Question, _ connection: UnsafeMutablePointer<Connection>) {
        let descriptor = unsafe connection.pointee.transport.descriptor
        switch question {
        case .presence:
            // Twice the time, as for a peer without unacknowledged bytes; see `Listener.Options`.
            let silence = 2000 * Int64(max(context.configuration.timeouts.keepAliveSeconds, 0))
            if driver.isPeerGone(descriptor: descriptor, silenceMilliseconds: silence) {
                unsafe connection.pointee.fail()
            }
        case .acknowledgedByteCount:
            let byteCount = driver.acknowledgedByteCount(descriptor: descriptor)
            unsafe connection.pointee.acknowledged(byteCount, now: Clock.tick(now), &context)
        }
    }

    private mutating func armTimer() {
        if !isTimerSet,
            wheel.count > 0 || stopping.deadline != nil || accepting.resumeTick != nil || owesMemory
                || context.log.owesReport
        {
            driver.submit(.timer(nanoseconds: Clock.tickMilliseconds * 1_000_000), .none)
            isTimerSet = true
        }
    }
}
