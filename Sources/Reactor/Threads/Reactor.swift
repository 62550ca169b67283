import Glibc
import HTTPCore
package import Platform

/// One thread's server: accepts, receives, hands the bytes to connections and sends their responses.
///
/// Everything in here belongs to the thread that calls `run`. The rest of the program reaches it through the mailbox.
package struct Reactor<KernelDriver: Driver & ~Copyable>: ~Copyable {
    var driver: KernelDriver
    var connections = ConnectionTable()
    var context: ReactorContext
    var wheel: TimerWheel
    /// By the slots of the tokens with which they accept.
    let listeners: [ReactorListener]
    let mailbox: ReactorMailbox
    /// The current moment, read once a turn.
    var now: Int64
    var isTimerSet = false
    var accepting: Accepting
    var stopping = Stopping()
    var failures = WaitFailures()
    var freedMemory = FreedMemoryWatch()
    /// Connections that have used up a turn's share, first those that wait longest.
    var deferred: [Token] = []
    var bulk = BulkQueue()
    var quietSends = QuietSends()

    /// A reactor whose driver makes connections by itself.
    package init(
        driver: consuming KernelDriver, mailbox: ReactorMailbox, configuration: ConnectionConfiguration,
        application: any Application
    ) {
        self.init(
            driver: driver, listeners: [ReactorListener(application: application)], mailbox: mailbox,
            configuration: configuration)
    }

    /// - Parameter clients: shared with the other reactors of the server, if there are any.
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

    /// Serves until the mailbox says stop and the last connection is gone.
    package mutating func run() throws(SystemError) {
        mailbox.executor.adoptThread()
        defer { abandonExchanges() }
        begin()
        // Late responses must not be posted to whatever gets the ring's descriptor next.
        defer { mailbox.forgetRing() }
        while !isFinished {
            do throws(SystemError) {
                let blocks = !submitBulk()
                try driver.wait(blocks: blocks)
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

    /// Has a new driver, or one that was restarted, watch what the reactor waits for in any case.
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
        // A stale completion: the connection is gone, and its bytes go back with the buffer.
        guard let connection = unsafe connections.find(completion.token) else { return }
        if unsafe !completion.bytes.isEmpty {
            unsafe connection.pointee.received(completion.bytes, &context)
        }
        if completion.isFinal {
            // Ended although bytes came: the kernel gave up the multishot, which is then armed again.
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

    /// Does what the connection asks for after an event, and sets the deadline until which it may wait.
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
                bulk.append(unsafe BulkQueue.Entry(token: token, descriptor: descriptor, bytes: nil))
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

    /// Sends what the connection keeps in place until the completion.
    // Apart, or each call of `settle` would set up what only this needs.
    @inline(never)
    private mutating func send(_ connection: UnsafeMutablePointer<Connection>, _ mode: Operation.SendMode) {
        let token = unsafe connection.pointee.transport.token
        let descriptor = unsafe connection.pointee.transport.descriptor
        let bytes = unsafe connection.pointee.transport.unacknowledged.unsafeBytes
        if mode == .reported, bytes.count >= BulkQueue.largeSendByteCount {
            return bulk.append(unsafe BulkQueue.Entry(token: token, descriptor: descriptor, bytes: bytes))
        }
        if mode == .quiet { quietSends.append(token, byteCount: bytes.count) }
        driver.submit(unsafe .send(descriptor: descriptor, bytes: bytes, mode), token)
    }

    /// Closes the socket, of which no operation is under way, and forgets the connection.
    mutating func remove(_ connection: UnsafeMutablePointer<Connection>) {
        let token = unsafe connection.pointee.transport.token
        driver.submit(unsafe .close(descriptor: connection.pointee.transport.descriptor), token)
        wheel.clear(slot: token.slot)
        unsafe context.freedByteCount += connection.pointee.heldByteCount
        unsafe connection.pointee.endExchanges()
        unsafe uncount(connection)
        connections.remove(token)
    }

    /// Some of the `dueCount` that had enough of an earlier turn come behind what this one brought.
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
        // Nothing else may happen, so come back at once.
        if !deferred.isEmpty { mailbox.wake() }
    }

    private mutating func expireDeadlines() {
        let tick = Clock.tick(now)
        while let slot = wheel.nextExpired(at: tick) {
            guard let connection = unsafe connections.occupant(of: slot) else { continue }
            if let question = unsafe connection.pointee.timedOut(&context) { unsafe answer(question, connection) }
            unsafe performActions(of: connection)
        }
        resumeAcceptingIfDue()
        giveMemoryBack(tick)
        if context.log.owesReport { context.log.beginIfNew(context.date.unixSeconds) }
        if stopping.deadline != nil { continueStopping() }
    }

    /// Asks the kernel what a connection wants to know about its peer.
    private mutating func answer(_ question: Patience.Question, _ connection: UnsafeMutablePointer<Connection>) {
        let descriptor = unsafe connection.pointee.transport.descriptor
        switch question {
        case .presence:
            // Twice the time, as for a peer that nothing is sent to; see `Listener.Options`.
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
