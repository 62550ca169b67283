import Glibc

/// The address of the server, resolved once.
struct ServerAddress {
    let family: Int32
    private var storage = sockaddr_storage()
    private let length: socklen_t

    init(host: String, port: Int) throws(LoadError) {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, String(port), &hints, &found)
        guard status == 0, let first = found?.pointee else {
            throw LoadError("\(host): \(String(cString: gai_strerror(status)))")
        }
        defer { freeaddrinfo(found) }
        family = first.ai_family
        length = first.ai_addrlen
        memcpy(&storage, first.ai_addr, Int(first.ai_addrlen))
    }

    /// Calls the system call of this name.
    func connect(_ descriptor: Int32) -> Int32 {
        withUnsafeBytes(of: storage) {
            Glibc.connect(descriptor, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), length)
        }
    }
}
