import Glibc
import HyperServe
import Platform
import Reactor

/// A driver without a kernel: its connections are `MemorySocket`s, and its clock stands still until a client moves it.
///
/// Each turn brings one thing that a client did, so that what a test does in order happens in order.
@safe
struct MemoryDriver: Driver, ~Copyable {
    // As strict as the real ones; the name is shown to nobody.
    static var kind: DriverKind { .epoll }

    /// Bytes that are received at once.
    static let receiveByteCount = 16 * 1024

    /// What the reactor's clock says at first: not 0, which its deadlines use for none.
    private static let startNanoseconds: Int64 = 1_000_000_000

    /// When time ends: far enough from the end of Int64 for the reactor's sums with it.
    private static let endNanoseconds = Int64.max / 2

    /// What the reactor knows of a socket.
    @safe
    struct SocketState {
        let socket: MemorySocket
        var token = Token.none
        var isReceiving = false
        /// In place until its completion, as the driver's contract says.
        var pendingSend = unsafe UnsafeRawBufferPointer?.none
        var isQuiet = false
        var isShutDown = false

        init(_ socket: MemorySocket) { self.socket = socket }
    }

    let server: MemoryServer
    var sockets: [Int32: SocketState] = [:]
    /// What happened and was not handed out yet.
    var ready: [Notice] = []
    private(set) var nanoseconds = MemoryDriver.startNanoseconds {
        didSet { server.clock.nanoseconds = nanoseconds - MemoryDriver.startNanoseconds }
    }
    var unixSeconds: Int { server.clock.unixSeconds }
    /// Until when the clients have let time pass, and who waits for that.
    private var target: Int64 = 0
    private var sleeper: CheckedContinuation<Void, Never>?
    private var timer: Int64?
    // Owned: freed in `deinit`. Holds the bytes of one completion at a time.
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: MemoryDriver.receiveByteCount, alignment: 16)

    /// Something that the next turn brings.
    enum Notice {
        case completion(Completion)
        /// The socket has to be looked at: bytes or the client's end may be there.
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

    /// Lets time pass until the reactor's timer, or as long as it was asked to. Returns whether there was anything to
    /// do; the reactor looks at the clock in each turn, so all that is due then happens before the next step.
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

    /// The bytes, or the end, that a socket has for the reactor.
    private mutating func receive(_ descriptor: Int32) -> Completion? {
        guard let state = sockets[descriptor], state.isReceiving else { return nil }
        switch state.socket.take(Self.receiveByteCount) {
        case .nothing: return nil
        case .bytes(let bytes):
            // More may follow.
            ready.append(.receive(descriptor))
            unsafe buffer.copyBytes(from: bytes)
            // The reactor is done with the bytes before it asks for the next completion.
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
