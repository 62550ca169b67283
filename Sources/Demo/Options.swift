import HyperServe

/// The command line of the demo server.
struct Options {
    var configuration = ServerConfiguration()

    /// The result of parsing a command line.
    enum Outcome {
        case run(Options)
        case print(String)
        case fail(String)
    }

    static let version = "0.1.0"

    static let usage = """
        Usage: hyperserve [options]
          --listen ADDRESS  http://HOST:PORT or unix:PATH; may be repeated; replaces --host and --port
          --host ADDRESS    address or name to listen on (default 127.0.0.1; 0.0.0.0 for all)
          --port PORT       port to listen on, 0 for a free one (default 8080)
          --threads N       reactor threads (default: one per available processor)
          --driver DRIVER   auto, io_uring or epoll (default auto)
          --help            print this and exit
          --version         print the version and exit
        """

    static func parse(_ arguments: [String]) -> Outcome {
        var options = Options()
        var rest = arguments[...]
        var addressOptions: Set<String> = []
        while let argument = rest.popFirst() {
            // Both "--port 80" and "--port=80".
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0])
            if name == "--help" || name == "-h" { return .print(usage) }
            if name == "--version" { return .print("hyperserve \(version)") }
            guard ["--listen", "--host", "--port", "--threads", "--driver"].contains(name) else {
                return .fail("unknown option \(argument)")
            }
            guard let value = parts.count == 2 ? String(parts[1]) : rest.popFirst() else {
                return .fail("\(name) needs a value")
            }
            if let problem = options.set(name, value) { return .fail(problem) }
            addressOptions.formUnion([name].filter { ["--listen", "--host", "--port"].contains($0) })
        }
        if addressOptions.contains("--listen"), addressOptions.count > 1 {
            return .fail("--listen can't be combined with --host or --port")
        }
        return .run(options)
    }

    /// Sets one option. Returns an error message, or nil.
    private mutating func set(_ name: String, _ value: String) -> String? {
        switch name {
        case "--listen":
            return listen(on: value)
        case "--host":
            configuration.host = value
        case "--port":
            guard let port = Int(value), (0...65_535).contains(port) else {
                return "--port takes a number from 0 to 65535, not \(value)"
            }
            configuration.port = port
        case "--threads":
            guard let threads = Int(value), (1...1024).contains(threads) else {
                return "--threads takes a number from 1 to 1024, not \(value)"
            }
            configuration.threads = threads
        default:
            guard value == "auto" || DriverKind(rawValue: value) != nil else {
                return "--driver takes auto, io_uring or epoll, not \(value)"
            }
            configuration.driver = DriverKind(rawValue: value)
        }
        return nil
    }

    /// Adds a listener. Returns an error message, or nil.
    private mutating func listen(on address: String) -> String? {
        if let path = address.withoutPrefix("unix:") {
            configuration.listeners.append(.unix(path: path))
            return nil
        }
        for scheme in ["https", "h2c"] where address.hasPrefix(scheme + "://") {
            return "--listen does not support \(scheme):// yet"
        }
        guard let authority = address.withoutPrefix("http://"), let (host, port) = Self.hostAndPort(authority) else {
            return "--listen takes http://HOST:PORT or unix:PATH, not \(address)"
        }
        configuration.listeners.append(.tcp(host: host, port: port))
        return nil
    }

    /// The parts of "127.0.0.1:8080" or "[::1]:8080".
    private static func hostAndPort(_ authority: String) -> (String, Int)? {
        guard let colon = authority.lastIndex(of: ":"), let port = Int(authority[authority.index(after: colon)...]),
            (0...65_535).contains(port)
        else { return nil }
        let host = authority[..<colon]
        if host.first == "[", host.last == "]", host.contains(":") {
            return (String(host.dropFirst().dropLast()), port)
        }
        // Other colons are valid in brackets only.
        return host.isEmpty || host.contains(where: { ":[]/@".contains($0) }) ? nil : (String(host), port)
    }
}

extension String {
    /// The part after a prefix; nil without it.
    fileprivate func withoutPrefix(_ prefix: String) -> String? {
        hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
    }
}
