import Platform

/// The source of the reactors' listening sockets at one address. Used by the thread that starts the reactors.
final class ListenerSource {
    /// The address that the sockets listen on.
    let address: ListenerAddress
    /// The file of a Unix socket, if there is one.
    let file: UnixSocketFile?
    private let options: Listener.Options
    /// The number of reactors without a socket. The last one gets the first socket, from which the others are made.
    private var remainingCount: Int
    private var first: Listener?

    /// Starts to listen, for this number of reactors.
    init(_ address: BindAddress, reactorCount: Int, options: Listener.Options) throws(ListenError) {
        self.options = options
        remainingCount = reactorCount
        let sharesQueue = reactorCount > 1
        var file: UnixSocketFile?
        let first: Listener
        switch address {
        case .tcp(let host, let port):
            first = try Listener.open(host: host, port: port, options: options, isShared: reactorCount > 1)
        case .unix(let path, let mode):
            let descriptor: Int32
            (descriptor, file) = try Self.listen(at: path, mode: mode, options)
            first = Listener(descriptor: descriptor, address: .unix(path: path), sharesQueue: sharesQueue)
        case .inherited(let descriptor):
            first = try Listener.open(inherited: descriptor, options: options, sharesQueue: sharesQueue)
        }
        self.address = first.address
        self.file = file
        self.first = consume first
    }

    /// Returns the socket for the next reactor.
    func next() throws(ListenError) -> Listener {
        remainingCount -= 1
        if remainingCount == 0, let first = first.take() { return first }
        guard let descriptor = first?.descriptor else { preconditionFailure("each reactor takes one socket") }
        guard case .tcp(let address) = address, let isInherited = first?.isInherited, !isInherited else {
            return try first!.copy()
        }
        return try Listener.open(sharing: address, descriptor: descriptor, options: options)
    }

    private static func listen(
        at path: String, mode: UInt32, _ options: Listener.Options
    ) throws(ListenError) -> (Int32, UnixSocketFile?) {
        guard let name = UnixSocketName(path) else {
            throw .badAddress("a path has 1 to \(UnixSocketName.maximumByteCount) bytes, and none is zero: \(path)")
        }
        var retries = AddressRetries(options)
        while true {
            do throws(ListenError) {
                return try listen(at: name, mode: mode, backlog: options.backlog)
            } catch .addressInUse where retries.pause() {
                // The directory was not locked meanwhile.
                continue
            } catch {
                throw error
            }
        }
    }

    private static func listen(
        at name: UnixSocketName, mode: UInt32, backlog: Int32
    ) throws(ListenError) -> (Int32, UnixSocketFile?) {
        guard name.isAbstract else { return try UnixSocketFile.listen(on: name, mode: mode, backlog: backlog) }
        do throws(SystemError) {
            return (try name.listenAtAbstractName(backlog: backlog), nil)
        } catch {
            throw ListenError(error, address: .unix(path: name.path))
        }
    }
}
