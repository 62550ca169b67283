import Glibc
import HyperServe
import Platform
import Reactor

/// A driver without a kernel: its connections are `MemorySocket`s, and its clock advances only when a client says so.
///
/// Each turn handles one action of a client, so that the actions of a test take effect in order.
@safe
struct MemoryDriver: Driver, ~Copyable {
    // The kind is never shown.
    static var kind: DriverKind { .epoll }

    /// Maximum number of bytes in one receive.
    static let receiveByteCount = 16 * 1024

    /// The first time of the reactor's clock. Not 0, which means no deadline.
    private static let startNanoseconds: Int64 = 1_000_000_000

    /// The last time of the clock, far enough from the end of Int64 for the reactor's arithmetic.
    private static let endNanoseconds = Int64.max / 2

    /// The state of a socket.
    @safe
    struct SocketState {
        let socket: MemorySocket
        var token = Token.none
        var isReceiving = false
        /// Valid until its completion, as the driver's contract requires.
        var pendingSend = unsafe UnsafeRawBufferPointer?.none
        var isQuiet = false
        var isShutDown = false

        init(_ socket: MemorySocket) { self.socket = socket }
    }

    let server: MemoryServer
    var sockets: [Int32: SocketState] = [:]
    /// Events that were not returned yet.
    var ready: [Notice] = []
    private(set) var nanoseconds = MemoryDriver.startNanoseconds {
        didSet { server.clock.nanoseconds = nanoseconds - MemoryDriver.startNanoseconds }
    }
    var unixSeconds: Int { server.clock.unixSeconds }
    /// Until when the clock is to advance, and the continuation that waits for that.
    private var target: Int64 = 0
    private var sleeper: CheckedContinuation<Void, Never>?
    private var timer: Int64?
    // Owned: freed in `deinit`. Contains the bytes of one completion at a time.
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: MemoryDriver.receiveByteCount, alignment: 16)

    /// An event for the next turn.
    enum Notice {
        case completion(Completion)
        /// The socket with this descriptor may have bytes, or the client's end.
        case receive(Int32)
    }

    init(_ server: MemoryServer) { self.server = server }

    deinit {
        for state in sockets.values { state.socket.closeServer() }
        sleeper?.resume()
        server.events.close()
        unsafe buffer.deallocate()
    }

    // MARK: - Turns

    mutating func wait(blocks: Bool) throws(SystemError) {
        while ready.isEmpty, blocks {
            if server.mailbox.wakeEvent.take() > 0 { return complete(.wake, .none, 8, isFinal: false) }
            if passTime() { continue }
            if let event = server.events.next() { take(event) } else { server.mailbox.wakeEvent.wait() }
        }
    }

    mutating func nextCompletion() -> Completion? {
        while !ready.isEmpty {
            switch ready.removeFirst() {
            case .completion(let completion): return completion
            case .receive(let descriptor):
                if let completion = receive(descriptor) { return completion }
            }
        }
        return nil
    }

    func completionAhead(_ index: Int) -> (kind: Operation.Kind, token: Token)? {
        let completions = ready.compactMap { if case .completion(let completion) = $0 { completion } else { nil } }
        return index < completions.count ? (completions[index].kind, completions[index].token) : nil
    }

    mutating func release(_ completion: Completion) {}

    var buffersInUse: Int { 0 }

    mutating func setTimer(_ nanoseconds: Int64) { timer = self.nanoseconds + nanoseconds }

    func completion(_ kind: Operation.Kind, _ token: Token, _ result: Int32, isFinal: Bool = true) -> Notice {
        .completion(Completion(kind, token: token, result: result, isFinal: isFinal))
    }

    mutating func complete(_ kind: Operation.Kind, _ token: Token, _ result: Int32, isFinal: Bool = true) {
        ready.append(completion(kind, token, result, isFinal: isFinal))
    }

    // MARK: - Events

    private mutating func take(_ event: EventQueue.Event) {
        switch event {
        case .connected(let socket):
            sockets[socket.descriptor] = SocketState(socket)
            complete(.accept, .none, socket.descriptor, isFinal: false)
        case .input(let descriptor):
            if sockets[descriptor]?.isReceiving == true { ready.append(.receive(descriptor)) }
        case .room(let descriptor):
            continueSending(descriptor)
        case .timePasses(let duration, let continuation):
            target = nanoseconds + min(duration, Self.endNanoseconds - nanoseconds)
            sleeper = continuation
        }
    }

    /// Advances the clock to the reactor's timer or to the target, whichever is first. Returns false if there is
    /// nothing to do. The reactor reads the clock in each turn, so everything that is due happens before the next step.
    private mutating func passTime() -> Bool {
        if let timer, timer <= max(target, nanoseconds) {
            nanoseconds = max(nanoseconds, timer)
            self.timer = nil
            complete(.timer, .none, 0)
            return true
        }
        guard let sleeper else { return false }
        nanoseconds = target
        self.sleeper = nil
        sleeper.resume()
        return true
    }

    /// Returns the bytes or the end of a socket.
    private mutating func receive(_ descriptor: Int32) -> Completion? {
        guard let state = sockets[descriptor], state.isReceiving else { return nil }
        switch state.socket.take(Self.receiveByteCount) {
        case .nothing: return nil
        case .bytes(let bytes):
            // More may follow.
            ready.append(.receive(descriptor))
            unsafe buffer.copyBytes(from: bytes)
            // The reactor has used the bytes before it requests the next completion.
            return unsafe Completion(
                received: state.token, isFinal: false,
                bytes: UnsafeRawBufferPointer(rebasing: buffer[..<bytes.count]), bufferID: -1)
        case .end:
            sockets[descriptor]?.isReceiving = false
            return Completion(.receive, token: state.token, result: 0, isFinal: true)
        case .reset:
            sockets[descriptor]?.isReceiving = false
            return Completion(.receive, token: state.token, result: -ECONNRESET, isFinal: true)
        }
    }
}
