import Glibc
import HTTPCore
package import Platform

/// One thread's server: accepts, receives, hands the bytes to connections and sends what they answer.
///
/// Everything in here belongs to the thread that calls `run`. The rest of the program reaches it through the mailbox.
package struct Reactor<KernelDriver: Driver & ~Copyable>: ~Copyable {
    var driver: KernelDriver
    var connections = ConnectionTable()
    var context: ReactorContext
    var wheel: TimerWheel
    /// The connections of all reactors of the server, and those of them that are this reactor's.
    let clients: ConnectionCounts
    var admittedCount = 0
    /// By the slots of the tokens with which they accept.
    let listeners: [ReactorListener]
    let mailbox: ReactorMailbox
    /// Held back so that, when the process is out of descriptors, a connection can still be accepted and turned away.
    var reserve: Int32
    /// The current moment, read once a turn.
    var now: Int64
    var isTimerSet = false
    /// What `giveMemoryBack` saw last, and when it changed.
    var freedByteCount = 0
    var freedTick: Int64 = 0
    /// Connections whose descriptor has a higher number are turned away.
    let highestDescriptor: Int32
    /// Whether each connection is looked at before the next one is accepted.
    var acceptsOneByOne = false
    /// When listeners that are paused accept again, after the process ran out of descriptors.
    var acceptTick: Int64?
    /// When a stopping reactor closes what is left, in nanoseconds.
    var stopDeadline: Int64?
    /// When a stopping reactor closes its listeners, in ticks.
    var listenerDeadline: Int64 = 0
    /// Waits that failed in a row, when the first of them did, and when one was reported last.
    var failedWaitCount = 0
    var failingSince: Int64 = 0
    var failureReported: Int64?
    /// Why the reactor cannot go on, once it can't.
    var failure: SystemError?
    /// Connections that have had enough of a turn, first those that wait longest.
    var deferred: [Token] = []

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
        self.clients = clients
        now = driver.nanoseconds
        self.driver = driver
        self.highestDescriptor = highestDescriptor
        self.listeners = listeners
        self.mailbox = mailbox
        context = ReactorContext(configuration: configuration, mailbox: mailbox)
        wheel = TimerWheel(currentTick: Clock.tick(now))
        reserve = Self.openReserve()
        for index in listeners.indices { listeners[index].setIndex(index) }
        chooseAccepting(lowestDescriptor: reserve >= 0 ? reserve : highestDescriptor)
    }

    deinit {
        if reserve >= 0 { _ = close(reserve) }
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
                try driver.wait()
                if failedWaitCount > 0 { failedWaitCount = 0 }
            } catch {
                try recover(from: error)
            }
            now = driver.nanoseconds
            context.updateDate(unixSeconds: driver.unixSeconds)
            context.turn &+= 1
            let dueCount = deferred.count
            while let completion = driver.nextCompletion() {
                handle(completion)
                driver.release(completion)
            }
            continueDeferred(dueCount)
            expireDeadlines()
            runTasks()
            armTimer()
            mailbox.statistics.publish(connections: connections.count, requests: context.requestCount)
            mailbox.statistics.publish(
                connectionSlots: connections.slotsInUse, receiveBuffers: driver.buffersInUse, deadlines: wheel.count)
            if let failure { throw failure }
        }
    }

    /// Has a new driver, or one that was restarted, watch what the reactor waits for in any case.
    mutating func begin() {
        driver.watchWake(descriptor: mailbox.wakeEvent.descriptor)
        mailbox.preferRing(driver.ringDescriptor, userData: Token.none.packed(.message))
        for listener in listeners { startAccepting(listener) }
    }

    private var isFinished: Bool {
        stopDeadline != nil && !listeners.contains(where: \.isOpen) && connections.count == 0 && hasNoTasks
    }

    private mutating func handle(_ completion: borrowing Completion) {
        switch completion.operation {
        case .accept: accepted(completion)
        case .receive, .bulkReceive: received(completion)
        case .send, .quietSend: sent(completion)
        case .wake, .message: readMailbox()
        case .timer: isTimerSet = false
        case .ignored, .barrier: break
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
        unsafe settle(connection)
    }

    private mutating func sent(_ completion: borrowing Completion) {
        guard let connection = unsafe connections.find(completion.token) else { return }
        if unsafe connection.pointee.sent(Int(completion.result), &context) {
            unsafe driver.send(
                completion.token, descriptor: connection.pointee.transport.descriptor,
                bytes: connection.pointee.transport.unacknowledged.unsafeBytes, isAwaited: true)
        }
        unsafe settle(connection)
    }

    /// Does what the connection asks for after an event, and notes until when it may wait.
    mutating func settle(_ connection: UnsafeMutablePointer<Connection>) {
        let token = unsafe connection.pointee.transport.token
        let descriptor = unsafe connection.pointee.transport.descriptor
        while let action = unsafe connection.pointee.nextAction(&context) {
            switch action {
            case .send(let isAwaited):
                // `sending` is not touched before its completion.
                unsafe driver.send(
                    token, descriptor: descriptor, bytes: connection.pointee.transport.unacknowledged.unsafeBytes,
                    isAwaited: isAwaited)
            case .awaitSend:
                driver.awaitSends()
            case .sendMore:
                unsafe driver.sendMore(
                    token, descriptor: descriptor, bytes: connection.pointee.transport.unacknowledged.unsafeBytes)
            case .startReceiving:
                driver.startReceiving(token, descriptor: descriptor)
            case .receiveOnce:
                driver.receiveOnce(token, descriptor: descriptor)
            case .receiveBulk:
                driver.receiveBulk(token, descriptor: descriptor)
            case .stopReceiving:
                driver.stopReceiving(token)
            case .shutdownWriting:
                driver.shutdown(descriptor: descriptor, direction: Int32(SHUT_WR))
            case .shutdown:
                driver.shutdown(descriptor: descriptor, direction: Int32(SHUT_RDWR))
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

    /// Closes the socket, of which no operation is under way, and forgets the connection.
    mutating func remove(_ connection: UnsafeMutablePointer<Connection>) {
        let token = unsafe connection.pointee.transport.token
        unsafe driver.close(token, descriptor: connection.pointee.transport.descriptor)
        wheel.clear(slot: token.slot)
        unsafe context.freedByteCount += connection.pointee.heldByteCount
        unsafe connection.pointee.endExchanges()
        unsafe uncount(connection)
        connections.remove(token)
    }

    /// Some of the `dueCount` that had enough of an earlier turn come behind what this one brought.
    private mutating func continueDeferred(_ dueCount: Int) {
        var (taken, stepCount) = (0, 0)
        while taken < dueCount, stepCount < context.configuration.maximumDeferredStepsPerTurn {
            let token = deferred[taken]
            taken += 1
            guard let connection = unsafe connections.find(token) else { continue }
            unsafe connection.pointee.transport.share.isListed = false
            unsafe stepCount += connection.pointee.continueDeferred(&context)
            unsafe settle(connection)
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
            unsafe settle(connection)
        }
        resumeAcceptingIfDue()
        giveMemoryBack(tick)
        if stopDeadline != nil { continueStopping() }
    }

    /// Asks the kernel what a connection wants to know about its peer.
    private mutating func answer(_ question: Patience.Question, _ connection: UnsafeMutablePointer<Connection>) {
        let descriptor = unsafe connection.pointee.transport.descriptor
        switch question {
        case .presence:
            // Twice the time, as for a peer that nothing is sent to; see `Listener.Options`.
            let silence = 2000 * Int64(max(context.configuration.keepAliveSeconds, 0))
            if driver.isPeerGone(descriptor: descriptor, silenceMilliseconds: silence) {
                unsafe connection.pointee.fail()
            }
        case .acknowledgedByteCount:
            let byteCount = driver.acknowledgedByteCount(descriptor: descriptor)
            unsafe connection.pointee.acknowledged(byteCount, now: Clock.tick(now), &context)
        }
    }

    private mutating func armTimer() {
        if !isTimerSet, wheel.count > 0 || stopDeadline != nil || acceptTick != nil || owesMemory {
            driver.setTimer(nanoseconds: Clock.tickMilliseconds * 1_000_000)
            isTimerSet = true
        }
    }
}
