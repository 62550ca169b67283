@testable import Reactor

extension Listener {
    /// The address of a TCP listener.
    var socketAddress: SocketAddress {
        guard case .tcp(let address) = address else { preconditionFailure("\(address) is not TCP") }
        return address
    }
}

extension ReactorListener {
    /// Listens on a port of the kernel's choice.
    static func forTests(_ application: any Application = ScriptedApplication()) throws -> ReactorListener {
        ReactorListener(try Listener.open(host: "127.0.0.1", port: 0), application: application)
    }
}
