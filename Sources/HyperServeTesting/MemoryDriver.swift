import Glibc
import HyperServe
import Platform
import Reactor

/// A driver without a kernel: its connections are `MemorySocket`s, and its clock stands still until a client moves it.
///
/// Each turn tells the reactor about one thing that a client did, so that what a test does in order happens in order.
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
    struct Place {
        let socket: MemorySocket
        var token = Token.none
        var isReceiving = false
        /// In place until its completion, as the driver's contract says.
        var pendingSend = unsafe UnsafeRawBufferPointer?.none
        var isShutDown = false

        init(_ socket: MemorySocket) { self.socket = socket }
    }

    let server: MemoryServer
    var places: [Int32: Place] = [:]
    /// What happened and was not told yet.
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

    /// Something to tell the reactor.
    enum Notice {
        case completion(Completion)
        /// The socket has to be looked at: bytes or the client's end may be there.
        case receive(Int32)
    }

    init(_ server: MemoryServer) { self.server = server }

    deinit {
        for place in places.values { place.socket.closeServer() }
        sleeper?.resume()
        server.events.close()
        unsafe buffer.deallocate()
    }

    // MARK: - Turns

    mutating func wait() throws(SystemError) {
        while ready.isEmpty {
            if server.mailbox.wakeEvent.take() > 0 { return tell(.wake, .none, 8, isFinal: false) }
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

    mutating func release(_ completion: Completion) {}

    var buffersInUse: Int { 0 }

    mutating func setTimer(nanoseconds: Int64) { timer = self.nanoseconds + nanoseconds }

    func completion(_ operation: Operation, _ token: Token, _ result: Int32, isFinal: Bool = true) -> Notice {
        .completion(Completion(operation, token: token, result: result, isFinal: isFinal))
    }

    mutating func tell(_ operation: Operation, _ token: Token, _ result: Int32, isFinal: Bool = true) {
        ready.append(completion(operation, token, result, isFinal: isFinal))
    }

    // MARK: - Events

    private mutating func take(_ event: EventQueue.Event) {
        switch event {
        case .connected(let socket):
            places[socket.descriptor] = Place(socket)
            tell(.accept, .none, socket.descriptor, isFinal: false)
        case .input(let descriptor):
            if places[descriptor]?.isReceiving == true { ready.append(.receive(descriptor)) }
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
            tell(.timer, .none, 0)
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
        guard let place = places[descriptor], place.isReceiving else { return nil }
        switch place.socket.take(Self.receiveByteCount) {
        case .nothing: return nil
        case .bytes(let bytes):
            // More may wait behind them.
            ready.append(.receive(descriptor))
            unsafe buffer.copyBytes(from: bytes)
            // The reactor is done with the bytes before it asks for the next completion.
            return unsafe Completion(
                received: place.token, isFinal: false,
                bytes: UnsafeRawBufferPointer(rebasing: buffer[..<bytes.count]), bufferID: -1)
        case .end:
            places[descriptor]?.isReceiving = false
            return Completion(.receive, token: place.token, result: 0, isFinal: true)
        case .reset:
            places[descriptor]?.isReceiving = false
            return Completion(.receive, token: place.token, result: -ECONNRESET, isFinal: true)
        }
    }
}
