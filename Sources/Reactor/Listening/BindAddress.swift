/// An address that a server is to listen on.
public enum BindAddress: Hashable, Sendable {
    /// A TCP port of this machine. `host` is a numeric address or a name; "0.0.0.0" is every IPv4 address, "::" every
    /// address. Port 0 takes a free port.
    case tcp(host: String, port: Int)

    /// A Unix socket, which programs on the same machine connect to.
    ///
    /// `path` has at most 107 bytes. The file gets the permissions `mode`, independent of the process' umask; clients
    /// need the permission to write. The server removes the file when it stops. It replaces the socket file of a server
    /// that no longer runs. If a running server listens at the path, or the file is not a socket, the file is left
    /// alone and the server doesn't start. The directory must exist and be readable: the server locks it while it
    /// starts, so that of two servers that start at the same time only one gets the path.
    ///
    /// A path that begins with "@" is an abstract name (see unix(7)). It has no file and no mode: every process on the
    /// machine may connect.
    case unix(path: String, mode: UInt32)

    /// A listening TCP or Unix socket that the process has inherited, for instance from systemd, which passes
    /// descriptors from 3 on.
    ///
    /// The server uses copies of the descriptor, and makes the socket non-blocking. The descriptor itself stays open,
    /// so that connections which arrive while the server stops wait for the next server.
    case inherited(descriptor: Int32)
}

/// An address that a server listens on.
public enum ListenerAddress: Hashable, Sendable, CustomStringConvertible {
    /// An address of this machine, with the port that the kernel chose if 0 was requested.
    case tcp(SocketAddress)
    /// The path of a Unix socket. An abstract name begins with "@".
    case unix(path: String)

    /// "127.0.0.1:8080", "[::1]:8080" or "unix:/run/server.sock".
    public var description: String {
        switch self {
        case .tcp(let address): "\(address)"
        case .unix(let path): "unix:\(path)"
        }
    }
}
