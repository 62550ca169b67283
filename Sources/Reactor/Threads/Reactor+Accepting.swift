import CPlatform
import Glibc
import Platform

/// The state of accepting: a reactor's limits, and what it has accepted.
struct Accepting: ~Copyable {
    /// The counts of connections of all reactors of the server.
    let clients: ConnectionCounts
    /// The number of counted connections of this reactor.
    var admittedCount = 0
    /// The highest descriptor that a connection may have. Connections with a higher one are turned away.
    let highestDescriptor: Int32
    /// The maximum number of connections that wait to be accepted at one moment.
    let maximumBurst: Int
    /// A descriptor held in reserve, so that a process out of descriptors can still accept a connection and turn it
    /// away.
    var reserve: Int32
    /// Whether each connection is handled before the next one is accepted.
    private(set) var isOneByOne = false
    /// The tick at which paused listeners accept again, after the process ran out of descriptors.
    var resumeTick: Int64?
    /// The error that ends the reactor, if there is one.
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

    /// Returns a descriptor to close when no other is left, or -1 when there is none.
    static func openReserve() -> Int32 { DescriptorLimit.take() }

    /// Chooses whether the kernel may accept any number of connections before the first of them is handled. It accepts
    /// all that wait, for every reactor. If these could use up the descriptors that are left to the rest of the
    /// program, connections are accepted one by one, until there is room for twice as many. The factor keeps the mode
    /// from changing all the time.
    ///
    /// - Parameter descriptor: one that was the lowest free number a moment ago.
    mutating func chooseMode(lowestDescriptor descriptor: Int32) {
        let room = Int(highestDescriptor) - Int(descriptor)
        isOneByOne = room < (isOneByOne ? 2 * maximumBurst : maximumBurst)
    }

    /// Accepts connections one by one until there is room for more.
    mutating func becomeOneByOne() { isOneByOne = true }
}

// New connections.
extension Reactor where KernelDriver: ~Copyable {
    mutating func accepted(_ completion: borrowing Completion) {
        // Each accept was begun by `startAccepting`, or by a driver that uses the first listener only.
        let listener = listeners[completion.token.slot]
        let wasOneByOne = accepting.isOneByOne
        if completion.result >= 0 { adopt(completion.result, from: listener) }
        // The final completion of each listener's accept begins the new mode.
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
            // Accepting again at once would fail again, endlessly. Waiting connections are turned away first.
            guard shed(listener, because: -completion.result) else { return startAccepting(listener) }
            listener.isPaused = true
            accepting.resumeTick = Clock.tick(now) + 1
        case .notListening:
            // This would fail again too, and the cause does not pass.
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

    /// Cancels the accepts under way on all listeners except `ended`, on which none is under way.
    private mutating func stopAccepting(except ended: ReactorListener?) {
        for listener in listeners where listener !== ended && listener.isOpen && !listener.isPaused {
            driver.submit(.cancel(.accept), listener.token)
        }
    }

    /// Accepts again after a pause for lack of descriptors.
    mutating func resumeAcceptingIfDue() {
        guard let tick = accepting.resumeTick, Clock.tick(now) >= tick else { return }
        accepting.resumeTick = nil
        // Another thread may have taken the descriptor after it was closed.
        if accepting.reserve < 0 { accepting.reserve = Accepting.openReserve() }
        for listener in listeners where listener.isPaused { startAccepting(listener) }
    }

    /// The maximum number of connections that a turn accepts one by one.
    private static var acceptsPerTurn: Int { 64 }

    /// Accepts further waiting connections after one that the driver has accepted.
    private mutating func acceptMore(_ listener: ReactorListener) {
        // Where other reactors accept from the same socket, it is their turn.
        guard listener.isOpen, !listener.sharesQueue else { return }
        for _ in 1..<Self.acceptsPerTurn {
            let accepted = hs_accept(listener.descriptor)
            // Most likely none waits; the driver's next accept reports any other failure.
            guard accepted >= 0 else { return }
            adopt(accepted, from: listener)
        }
    }

    /// The maximum number of refused connections that are open to send a 503. Further ones are closed at once.
    private static var refusalRoom: Int { 128 }

    private mutating func adopt(_ descriptor: Int32, from listener: ReactorListener) {
        accepting.chooseMode(lowestDescriptor: descriptor)
        // The address is missing if a TCP client reset the connection before it was accepted. No response can reach it,
        // and no limit per address applies to the bytes that it sent, so they are not read.
        guard let peer = mailbox.peerAddress(descriptor) else { return turnAway(descriptor) }
        guard descriptor <= accepting.highestDescriptor else { return turnAway(descriptor, because: EMFILE) }
        let configuration = context.configuration
        // Refused connections don't count; otherwise a flood of them could keep all clients out. The limit per address
        // doesn't apply to Unix sockets: their clients have no addresses, and most have a single client, a proxy.
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

    /// Closes a connection that never was in the table. With a `cause`, an errno, that is reported at a limited rate.
    private func turnAway(_ descriptor: Int32, because cause: Int32? = nil) {
        _ = close(descriptor)
        mailbox.counts.add(1, to: .shedConnections)
        guard let cause, accepting.clients.mayReportShed(now: now, interval: Self.reportInterval) else { return }
        context.log.report(.error, "connections are turned away: \(Self.reason(cause))")
    }

    /// Returns which resource is missing, and a remedy.
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

    /// Removes a connection that ends from the counts, if it is counted.
    mutating func uncount(_ connection: UnsafeMutablePointer<Connection>) {
        // Only connections with an address are counted.
        guard unsafe connection.pointee.isCounted, let peer = unsafe connection.pointee.transport.peer else { return }
        unsafe connection.pointee.isCounted = false
        accepting.admittedCount -= 1
        accepting.clients.remove(peer.clientKey)
    }

    /// The maximum number of connections that a turn turns away for lack of descriptors. Each costs the kernel more
    /// than a request, and there may be thousands.
    private static var shedsPerTurn: Int { 8 }

    /// Accepts waiting connections with the reserved descriptor and closes them, so that their clients notice at once.
    /// Called when the process is out of descriptors or memory. Returns whether no more can be accepted.
    private mutating func shed(_ listener: ReactorListener, because cause: Int32) -> Bool {
        guard listener.isOpen else { return true }
        // The reserve is missing if another thread took the descriptor last time. Another one may be free now.
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
