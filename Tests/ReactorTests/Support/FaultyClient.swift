import Testing

@testable import Reactor

/// A client of a `FaultyNetwork`, and the kernel's state of its connection.
@safe
struct FaultyClient {
    /// The bytes that it sends before FIN.
    let script: [UInt8]
    /// The bytes that it must receive: all of them, or a prefix if the network broke the connection.
    let expected: [UInt8]
    var sentCount = 0
    var received: [UInt8] = []
    /// Whether the network broke the connection, which loses bytes in transit.
    var isBroken = false

    var token: Token?
    var isReceiving = false
    var receivesOnce = false
    var isStoppingReceive = false
    /// The bytes of the send under way. They must stay in place until the completion, so they are read only then.
    var pendingSend: UnsafeRawBufferPointer?
    var isSendQuiet = false
    var hasSentEnd = false
    var isShutDown = false
    var isClosed = false

    init(requests: [(request: String, response: String)]) {
        script = requests.flatMap { Array($0.request.utf8) }
        expected = requests.flatMap { Array($0.response.utf8) }
    }

    var hasBegun: Bool { token != nil }

    /// Whether the client received the expected bytes.
    var isServed: Bool { isBroken ? expected.starts(with: received) : expected == received }
}
