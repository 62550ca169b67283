import Glibc
import HyperServe
import Testing

/// What a stopped server must have released.
enum Leaks {
    /// Describes what is still held, by the counters of the reactors.
    static func list(_ statistics: [ReactorStatisticsSnapshot]) -> [String] {
        let counted = [
            ("connections", \ReactorStatisticsSnapshot.openConnections), ("slots", \.connectionSlots),
            ("receive buffers", \.receiveBuffers), ("deadlines", \.deadlines),
        ]
        return counted.compactMap { name, counter in
            let count = statistics.map { $0[keyPath: counter] }.reduce(0, +)
            return count == 0 ? nil : "\(count) \(name)"
        }
    }
}

extension Server {
    /// Stops a running server and names what it still holds then: by its counters, and of the sockets that were bound
    /// to its port, its listeners and its connections.
    func stopListingLeaks() -> [String] {
        let sockets = port.map { Set(ProcessFiles.sockets(at: $0).values) } ?? []
        stop()
        let open = ProcessFiles.settled(0) { ProcessFiles.socketCount(among: sockets) }
        return Leaks.list(statistics) + (open == 0 ? [] : ["\(open) sockets"])
    }

    /// Stops a running server, which must have released everything then.
    func stopLeavingNothing(sourceLocation: SourceLocation = #_sourceLocation) {
        let leaks = stopListingLeaks()
        #expect(leaks == [], sourceLocation: sourceLocation)
    }
}
