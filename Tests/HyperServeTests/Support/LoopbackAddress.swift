import Glibc

/// The address of a test's server. Ports are reused: a client that still connects after its server's end may reach
/// the server of another test, unless that has another address.
struct LoopbackAddress {
    let text: String
    let number: UInt32

    /// For servers that outlive their clients.
    static let shared = LoopbackAddress(text: "127.0.0.1", number: 0x7F00_0001)
    /// For tests whose clients still connect when the server stops.
    static let stopping = LoopbackAddress(text: "127.77.2.1", number: 0x7F4D_0201)
    /// For tests that count their server's connections.
    static let counted = LoopbackAddress(text: "127.77.2.2", number: 0x7F4D_0202)
    /// For tests that reuse a port.
    static let lifecycle = LoopbackAddress(text: "127.77.2.4", number: 0x7F4D_0204)
    /// For tests of this process that choose their ports. A port that the kernel chose before may be held for a
    /// moment by a copy of its listener, in a process that another test is starting.
    static let ofThisProcess: LoopbackAddress = {
        let (high, low) = (UInt32(getpid()) >> 8 & 0xFF, UInt32(getpid()) & 0xFF)
        return LoopbackAddress(text: "127.78.\(high).\(low)", number: 0x7F4E_0000 | high << 8 | low)
    }()
    /// For tests whose server does not print its port.
    static let unheard = LoopbackAddress(text: "127.77.2.3", number: 0x7F4D_0203)
}
