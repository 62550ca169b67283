import Glibc
public import Platform

/// Why a server could not start, or ended before it was stopped.
public enum ServerError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A value of the configuration is out of range. The text names it, says what is allowed and what was given.
    case invalidConfiguration(String)
    /// The server cannot listen on its address.
    case cannotListen(ListenError)
    /// The process may have no more than `limit` files open. Those that are open, the server's own among them, and
    /// those that connections leave to the rest of the program would leave no connection any; with a limit of `needed`
    /// there would be one at a time.
    case tooFewDescriptors(limit: Int, needed: Int)
    /// The driver that was asked for is unavailable.
    case driverUnavailable(DriverKind, SystemError)
    /// The system refused a thread.
    case noThread(SystemError)
    /// The server is starting, or serves already.
    case alreadyStarted
    /// The server was stopped. A server serves once, so it cannot be started any more.
    case stopped
    /// A reactor failed while it served, and took the server with it.
    case reactorFailed(SystemError)

    /// A driver that could not be set up: not always the driver's fault.
    init(_ kind: DriverKind, _ error: SystemError) {
        switch error.code {
        case EMFILE, ENFILE: self = .cannotListen(.noDescriptors)
        default: self = .driverUnavailable(kind, error)
        }
    }

    /// One sentence for a person.
    public var description: String {
        switch self {
        case .invalidConfiguration(let reason): "the configuration is invalid: \(reason)"
        case .cannotListen(let error): error.description
        case .tooFewDescriptors(let limit, let needed):
            "the process may have \(limit) files open, and needs at least \(needed) to serve a connection; raise the "
                + "limit with ulimit -n"
        case .driverUnavailable(let kind, let error): "the \(kind.rawValue) driver is unavailable here: \(error)"
        case .noThread(let error): "cannot start a thread: \(error)"
        case .alreadyStarted: "the server was started before"
        case .stopped: "the server was stopped, and cannot be started any more"
        case .reactorFailed(let error): "a reactor failed while the server was running: \(error)"
        }
    }
}
