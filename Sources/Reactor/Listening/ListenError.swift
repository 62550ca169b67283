import Glibc
public import Platform

/// An error of a server that cannot listen. Its description is a sentence for a person.
public enum ListenError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Another socket listens there already.
    case addressInUse(String)
    /// This user may not listen there.
    case permissionDenied(String)
    /// The address doesn't exist, or is not an address of this machine.
    case badAddress(String)
    /// The process may not open more files.
    case noDescriptors
    /// Any other failure.
    case failed(SystemError)

    public var description: String {
        switch self {
        case .addressInUse(let address):
            "\(address) is in use by another server; choose another \(Self.isUnix(address) ? "path" : "port")"
        case .permissionDenied(let address) where Self.isUnix(address):
            "no permission to listen on \(address); the server must be allowed to read and write its directory"
        case .permissionDenied(let address):
            "no permission to listen on \(address); ports below 1024 are for root or CAP_NET_BIND_SERVICE"
        case .badAddress(let reason): "cannot listen: \(reason)"
        case .noDescriptors: "cannot listen: too many open files; raise the limit with ulimit -n"
        case .failed(let error): "cannot listen: \(error)"
        }
    }

    init(_ error: SystemError, address: ListenerAddress) {
        switch (error.code, address) {
        case (EADDRINUSE, _): self = .addressInUse("\(address)")
        case (EACCES, _), (EPERM, _): self = .permissionDenied("\(address)")
        case (EADDRNOTAVAIL, .tcp(let address)): self = .badAddress("\(address.host) is not an address of this machine")
        case (ENOENT, .unix(let path)), (ENOTDIR, .unix(let path)):
            self = .badAddress("the directory of \(path) does not exist")
        default: self.init(error)
        }
    }

    /// Creates the error of a failure that is independent of the address.
    init(_ error: SystemError) {
        switch error.code {
        case EMFILE, ENFILE: self = .noDescriptors
        default: self = .failed(error)
        }
    }

    private static func isUnix(_ address: String) -> Bool { address.hasPrefix("unix:") }
}
