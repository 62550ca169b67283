import CPlatform
import Glibc
import Platform

// New connections.
extension Reactor where KernelDriver: ~Copyable {
    mutating func accepted(_ completion: borrowing Completion) {
        // Each accept was begun by `startAccepting`, or by a driver that has the first listener only.
        let listener = listeners[completion.token.slot]
        if completion.result >= 0 { adopt(completion.result, from: listener) }
        guard completion.isFinal else { return }
        guard !isClosingListeners else { return listener.close() }
        switch -completion.result {
        case EMFILE, ENFILE, ENOMEM, ENOBUFS, ENOSPC:
            // Accepting again at once would fail again at once, for ever. Those that wait are turned away first.
            reportShedding()
            guard shed(listener) else { return startAccepting(listener) }
            listener.isPaused = true
            acceptTick = Clock.tick(now) + 1
        case EBADF, EINVAL, ENOTSOCK, EFAULT:
            // So would this, and it does not pass: the listener is none any more.
            failure = SystemError("accept", code: -completion.result)
        default:
            startAccepting(listener)
        }
    }

    /// Accepts until the driver says that it has stopped. Does nothing once the listener is closed.
    mutating func startAccepting(_ listener: ReactorListener) {
        listener.isPaused = false
        guard listener.isOpen else { return }
        driver.startAccepting(
            listener.nextToken(), descriptor: listener.descriptor, sharesQueue: listener.sharesQueue)
    }

    /// Accepts again after a pause for want of descriptors.
    mutating func resumeAcceptingIfDue() {
        guard let tick = acceptTick, Clock.tick(now) >= tick else { return }
        acceptTick = nil
        // Somebody else may have been quicker when it was given up.
        if reserve < 0 { reserve = Self.openReserve() }
        for listener in listeners where listener.isPaused { startAccepting(listener) }
    }

    /// Connections that may stand in the table to be told that they are too many; the rest is just closed.
    private static var refusalRoom: Int { 128 }

    private mutating func adopt(_ descriptor: Int32, from listener: ReactorListener) {
        // The address is missing when a TCP client reset the connection before it was accepted. There is nobody to
        // respond to, and no limit per address could hold for what it has sent: none of that is read.
        guard let peer = mailbox.peerAddress(descriptor) else { return turnAway(descriptor) }
        guard descriptor <= highestDescriptor else {
            reportShedding()
            return turnAway(descriptor)
        }
        let configuration = context.configuration
        // Those that are being turned away don't count, or a flood of them could keep everybody out. The limit per
        // address doesn't apply to Unix sockets: their clients have no addresses, and mostly there is one, a proxy.
        let isAdmitted = clients.add(
            peer.clientKey, maximum: configuration.maximumConnections,
            maximumPerClient: peer.kind == .unix ? .max : configuration.maximumConnectionsPerAddress)
        guard isAdmitted || connections.count - admittedCount < Self.refusalRoom else { return turnAway(descriptor) }
        let token = connections.insert(
            descriptor: descriptor, headLimits: context.configuration.headLimits, listener: listener, peer: peer)
        mailbox.statistics.addAccepted()
        // Just inserted, so it is there.
        guard let connection = unsafe connections.find(token) else { return }
        if isAdmitted {
            unsafe connection.pointee.isCounted = true
            admittedCount += 1
        } else {
            unsafe connection.pointee.refuse(&context)
        }
        unsafe settle(connection)
    }

    /// Says that connections are turned away for want of descriptors, or of the kernel's memory; not each time.
    private mutating func reportShedding() {
        if let shedReported, now - shedReported < Self.reportInterval { return }
        shedReported = now
        context.configuration.log?(
            "connections are turned away: the process may have \(DescriptorLimit.current.count) files open and needs "
                + "some for itself; raise the limit with ulimit -n, or lower maximumConnections")
    }

    /// Closes a connection that never stood in the table.
    private func turnAway(_ descriptor: Int32) {
        _ = close(descriptor)
        mailbox.statistics.addShed()
    }

    /// A connection ends, and makes room for another one if it counted.
    mutating func uncount(_ connection: UnsafeMutablePointer<Connection>) {
        // Only connections with an address are counted.
        guard unsafe connection.pointee.isCounted, let peer = unsafe connection.pointee.transport.peer else { return }
        unsafe connection.pointee.isCounted = false
        admittedCount -= 1
        clients.remove(peer.clientKey)
    }

    /// Connections that a turn turns away for want of descriptors. Each costs the kernel more than a request does, and
    /// there may be thousands.
    private static var shedsPerTurn: Int { 8 }

    /// Out of descriptors: takes connections that wait with the reserved one and closes them, so that their clients
    /// learn at once. Returns whether there is none left that it could take.
    private mutating func shed(_ listener: ReactorListener) -> Bool {
        guard listener.isOpen else { return true }
        // There is none if another thread was faster the last time. The one that is free now may do as well.
        if reserve >= 0 { _ = close(reserve) }
        defer { reserve = Self.openReserve() }
        for _ in 0..<Self.shedsPerTurn {
            let refused = hs_accept_nonblocking(listener.descriptor)
            guard refused >= 0 else { return true }
            _ = close(refused)
            mailbox.statistics.addShed()
        }
        return false
    }

    /// Takes a descriptor to give up when there are no others. -1 when there is none.
    static func openReserve() -> Int32 {
        unsafe open("/dev/null", O_RDONLY | O_CLOEXEC)
    }
}
