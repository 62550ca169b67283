import Glibc
public import Platform

/// An error of a server that could not start, or that ended before it was stopped.
public enum ServerError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A value of the configuration is out of range. The text names it, the allowed range and the given value.
    case invalidConfiguration(String)
    /// The server cannot listen on its address.
    case cannotListen(ListenError)
    /// The limit of open files leaves no descriptor for a connection: the process may have `limit` files open, and too
    /// many are open already or reserved for the rest of the program. A limit of `needed` permits one connection at a
    /// time.
    case tooFewDescriptors(limit: Int, needed: Int)
    /// The requested driver is unavailable.
    case driverUnavailable(DriverKind, SystemError)
    /// The system refused to start a thread.
    case noThread(SystemError)
    /// The server is starting or running already.
    case alreadyStarted
    /// The server was stopped. A server cannot be started again.
    case stopped
    /// A reactor failed while it served, which ended the server.
    case reactorFailed(SystemError)
    /// `ServerConfiguration.onStart` threw an error, so the server was not started.
    case onStartFailed(Cause)
    /// A service threw an error, which ended the server.
    case serviceFailed(name: String, Cause)
    /// A service returned although it was not cancelled, which ended the server.
    case serviceEnded(name: String)

    /// An error that code of the program threw.
    public struct Cause: Sendable, Equatable, CustomStringConvertible {
        /// The error.
        public let error: any Error

        /// Wraps an error.
        public init(_ error: any Error) { self.error = error }

        /// The description of the error.
        public var description: String { "\(error)" }

        /// Whether the errors have the same description.
        public static func == (first: Cause, second: Cause) -> Bool { first.description == second.description }
    }

    /// Creates the error of a driver that could not be set up, which is not always the driver's fault.
    init(_ kind: DriverKind, _ error: SystemError) {
        switch error.code {
        case EMFILE, ENFILE: self = .cannotListen(.noDescriptors)
        default: self = .driverUnavailable(kind, error)
        }
    }

    /// A sentence for a person.
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
        case .onStartFailed(let cause): "the server was not started, because onStart threw \(cause)"
        case .serviceFailed(let name, let cause): "the service \(name) failed while the server was running: \(cause)"
        case .serviceEnded(let name): "the service \(name) returned while the server was running"
        }
    }
}
