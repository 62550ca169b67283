import CPlatform
import Glibc
import Platform

/// How a reactor accepts: what it may take, and what it has.
struct Accepting: ~Copyable {
    /// The connections of all reactors of the server.
    let clients: ConnectionCounts
    /// Those of them that are this reactor's.
    var admittedCount = 0
    /// Connections whose descriptor has a higher number are turned away.
    let highestDescriptor: Int32
    /// Connections that may wait to be accepted at the same moment.
    let maximumBurst: Int
    /// Held back so that, when the process is out of descriptors, a connection can still be accepted and turned away.
    var reserve: Int32
    /// Whether each connection is looked at before the next one is accepted.
    private(set) var isOneByOne = false
    /// When listeners that are paused accept again, after the process ran out of descriptors.
    var resumeTick: Int64?
    /// Why the reactor can't go on, once it can't.
    var failure: SystemError?

    init(clients: ConnectionCounts, highestDescriptor: Int32, maximumBurst: Int) {
        self.clients = clients
        self.highestDescriptor = highestDescriptor
        self.maximumBurst = maximumBurst
        reserve = Self.openReserve()
        chooseMode(lowestDescriptor: reserve >= 0 ? reserve : highestDescriptor)
    }

    deinit {
        if reserve >= 0 { _ = close(reserve) }
    }

    /// Takes a descriptor to give up when there are no others. -1 when there is none.
    static func openReserve() -> Int32 { DescriptorLimit.take() }

    /// Whether the kernel may accept as many connections as it likes before the first of them is looked at. It takes
    /// all that wait, for every reactor. So where these would use up the descriptors that are left to the rest of the
    /// program, connections are accepted one by one; until there is room for twice as many, so that the mode doesn't
    /// change all the time.
    ///
    /// - Parameter descriptor: one that was the lowest free number a moment ago.
    mutating func chooseMode(lowestDescriptor descriptor: Int32) {
        let room = Int(highestDescriptor) - Int(descriptor)
        isOneByOne = room < (isOneByOne ? 2 * maximumBurst : maximumBurst)
    }

    /// Has connections accepted one by one until there is room for more.
    mutating func becomeOneByOne() { isOneByOne = true }
}

// New connections.
extension Reactor where KernelDriver: ~Copyable {
    mutating func accepted(_ completion: borrowing Completion) {
        // Each accept was begun by `startAccepting`, or by a driver that has the first listener only.
        let listener = listeners[completion.token.slot]
        let wasOneByOne = accepting.isOneByOne
        if completion.result >= 0 { adopt(completion.result, from: listener) }
        // The last completion of each begins the other way.
        if accepting.isOneByOne, !wasOneByOne { stopAccepting(except: completion.isFinal ? listener : nil) }
        guard completion.isFinal else { return }
        guard !isClosingListeners else { return listener.close() }
        guard completion.result < 0 else {
            if accepting.isOneByOne { acceptMore(listener) }
            return startAccepting(listener)
        }
        switch AcceptFailure(-completion.result) {
        case .exhausted:
            if !accepting.isOneByOne {
                accepting.becomeOneByOne()
                stopAccepting(except: listener)
            }
            // Accepting again at once would fail again at once, for ever. Those that wait are turned away first.
            guard shed(listener, because: -completion.result) else { return startAccepting(listener) }
            listener.isPaused = true
            accepting.resumeTick = Clock.tick(now) + 1
        case .notListening:
            // So would this, and it does not pass.
            accepting.failure = SystemError("accept", code: -completion.result)
        case .passing:
            startAccepting(listener)
        }
    }

    /// Begins to accept. Does nothing once the listener is closed.
    mutating func startAccepting(_ listener: ReactorListener) {
        listener.isPaused = false
        guard listener.isOpen else { return }
        driver.submit(
            .accept(descriptor: listener.descriptor, once: accepting.isOneByOne, sharesQueue: listener.sharesQueue),
            listener.nextToken())
    }

    /// Ends the accepting that is under way on all listeners but one on which there is none.
    private mutating func stopAccepting(except ended: ReactorListener?) {
        for listener in listeners where listener !== ended && listener.isOpen && !listener.isPaused {
            driver.submit(.cancel(.accept), listener.token)
        }
    }

    /// Accepts again after a pause for want of descriptors.
    mutating func resumeAcceptingIfDue() {
        guard let tick = accepting.resumeTick, Clock.tick(now) >= tick else { return }
        accepting.resumeTick = nil
        // Somebody else may have been quicker when it was given up.
        if accepting.reserve < 0 { accepting.reserve = Accepting.openReserve() }
        for listener in listeners where listener.isPaused { startAccepting(listener) }
    }

    /// Connections that a turn accepts where each is looked at before the next.
    private static var acceptsPerTurn: Int { 64 }

    /// Accepts the connections that wait after one that the driver has accepted.
    private mutating func acceptMore(_ listener: ReactorListener) {
        // Where other reactors accept from the same socket, it is their turn.
        guard listener.isOpen, !listener.sharesQueue else { return }
        for _ in 1..<Self.acceptsPerTurn {
            let accepted = hs_accept(listener.descriptor)
            // None waits, most likely; anything else the driver's next accept reports.
            guard accepted >= 0 else { return }
            adopt(accepted, from: listener)
        }
    }

    /// Refused connections that may be open at once, to be sent a 503; the rest are just closed.
    private static var refusalRoom: Int { 128 }

    private mutating func adopt(_ descriptor: Int32, from listener: ReactorListener) {
        accepting.chooseMode(lowestDescriptor: descriptor)
        // The address is missing when a TCP client reset the connection before it was accepted. There is nobody to
        // respond to, and no limit per address could hold for what it has sent: none of that is read.
        guard let peer = mailbox.peerAddress(descriptor) else { return turnAway(descriptor) }
        guard descriptor <= accepting.highestDescriptor else { return turnAway(descriptor, because: EMFILE) }
        let configuration = context.configuration
        // Those that are being turned away don't count, or a flood of them could keep everybody out. The limit per
        // address doesn't apply to Unix sockets: their clients have no addresses, and mostly there is one, a proxy.
        let isAdmitted = accepting.clients.add(
            peer.clientKey, maximum: configuration.maximumConnections,
            maximumPerClient: peer.kind == .unix ? .max : configuration.maximumConnectionsPerAddress)
        guard isAdmitted || connections.count - accepting.admittedCount < Self.refusalRoom else {
            return turnAway(descriptor)
        }
        let token = connections.insert(
            descriptor: descriptor, headLimits: context.configuration.headLimits, listener: listener, peer: peer)
        mailbox.counts.add(1, to: .acceptedConnections)
        // Just inserted, so it is there.
        guard let connection = unsafe connections.find(token) else { return }
        if isAdmitted {
            unsafe connection.pointee.isCounted = true
            accepting.admittedCount += 1
        } else {
            unsafe connection.pointee.refuse(&context)
        }
        unsafe performActions(of: connection)
    }

    /// Closes a connection that never stood in the table. That is reported if there is a `cause`, an errno; not each
    /// time.
    private func turnAway(_ descriptor: Int32, because cause: Int32? = nil) {
        _ = close(descriptor)
        mailbox.counts.add(1, to: .shedConnections)
        guard let cause, let log = context.configuration.log,
            accepting.clients.mayReportShed(now: now, interval: Self.reportInterval)
        else { return }
        log("connections are turned away: \(Self.reason(cause))")
    }

    /// What is missing, and what can be done about it.
    private static func reason(_ cause: Int32) -> String {
        switch cause {
        case EMFILE:
            "the process may have \(DescriptorLimit.current.count) files open and needs some for itself; raise the "
                + "limit with ulimit -n, or lower maximumConnections"
        case ENFILE:
            "the system has as many files open as it may have; raise fs.file-max, or lower maximumConnections"
        case ENOSPC:
            "the user has as many epoll watches as there may be; raise fs.epoll.max_user_watches"
        default:
            "the system has no memory for them: \(SystemError("accept", code: cause))"
        }
    }

    /// A connection ends, and makes room for another one if it counted.
    mutating func uncount(_ connection: UnsafeMutablePointer<Connection>) {
        // Only connections with an address are counted.
        guard unsafe connection.pointee.isCounted, let peer = unsafe connection.pointee.transport.peer else { return }
        unsafe connection.pointee.isCounted = false
        accepting.admittedCount -= 1
        accepting.clients.remove(peer.clientKey)
    }

    /// Connections that a turn turns away for want of descriptors. Each costs the kernel more than a request does, and
    /// there may be thousands.
    private static var shedsPerTurn: Int { 8 }

    /// Out of descriptors, or of memory: takes connections that wait with the reserved descriptor and closes them, so
    /// that their clients learn at once. Returns whether there is none left that it could take.
    private mutating func shed(_ listener: ReactorListener, because cause: Int32) -> Bool {
        guard listener.isOpen else { return true }
        // There is none if another thread was faster the last time. The one that is free now may do as well.
        if accepting.reserve >= 0 { _ = close(accepting.reserve) }
        defer { accepting.reserve = Accepting.openReserve() }
        for _ in 0..<Self.shedsPerTurn {
            let refused = hs_accept_nonblocking(listener.descriptor)
            guard refused >= 0 else { return true }
            turnAway(refused, because: cause)
        }
        return false
    }
}
