import Testing

@testable import Reactor

/// One client of a `FaultyNetwork`, and the kernel's side of its connection.
@safe
struct FaultyClient {
    /// What it sends, before it sends FIN.
    let script: [UInt8]
    /// What it must receive: all of it, or the beginning if the network broke the connection.
    let expected: [UInt8]
    var sentCount = 0
    var received: [UInt8] = []
    /// The network broke the connection: what was on its way is lost.
    var isBroken = false

    var token: Token?
    var isReceiving = false
    var isStoppingReceive = false
    /// What the reactor asked to send. It has to stay in place until the completion, so it is read only then.
    var pendingSend: UnsafeRawBufferPointer?
    var isSendQuiet = false
    var hasSentEnd = false
    var isShutDown = false
    var isClosed = false

    init(requests: [(request: String, answer: String)]) {
        script = requests.flatMap { Array($0.request.utf8) }
        expected = requests.flatMap { Array($0.answer.utf8) }
    }

    var hasBegun: Bool { token != nil }

    /// Whether what arrived is what should have arrived.
    var isServed: Bool { isBroken ? expected.starts(with: received) : expected == received }
}
