import Glibc

/// Where a test's server listens. Ports are used again: a client that goes on connecting after its server's end may
/// meet the server of another test, unless it has an address of its own.
struct LoopbackAddress {
    let text: String
    let number: UInt32

    /// For servers that outlive their clients.
    static let shared = LoopbackAddress(text: "127.0.0.1", number: 0x7F00_0001)
    /// For tests whose clients go on connecting when the server stops.
    static let stopping = LoopbackAddress(text: "127.77.2.1", number: 0x7F4D_0201)
    /// For tests that count their server's connections.
    static let counted = LoopbackAddress(text: "127.77.2.2", number: 0x7F4D_0202)
    /// For tests that use a port again.
    static let lifecycle = LoopbackAddress(text: "127.77.2.4", number: 0x7F4D_0204)
    /// Of this process alone, for tests that choose their ports. A port that the kernel chose before may be held for a
    /// moment by a copy of its listener, in a process that another test is starting.
    static let ofThisProcess: LoopbackAddress = {
        let (high, low) = (UInt32(getpid()) >> 8 & 0xFF, UInt32(getpid()) & 0xFF)
        return LoopbackAddress(text: "127.78.\(high).\(low)", number: 0x7F4E_0000 | high << 8 | low)
    }()
    /// For tests whose server does not say on which port it listens.
    static let unheard = LoopbackAddress(text: "127.77.2.3", number: 0x7F4D_0203)
}
