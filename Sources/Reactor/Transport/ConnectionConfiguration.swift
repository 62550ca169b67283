package import HTTPCore

/// A reactor's configuration of connections: limits and times. The server's configuration is translated into it.
package struct ConnectionConfiguration: Sendable {
    package var headLimits = HeadLimits()
    /// The maximum number of connections of all reactors together. Further ones are refused with 503.
    package var maximumConnections = 65_536
    /// The maximum number of connections from one IPv4 address or IPv6 /64. Further ones are refused with 503.
    package var maximumConnectionsPerAddress = 16_384
    /// The maximum number of connections of all reactors that wait to be accepted at one moment. Set by the reactor
    /// group.
    var maximumAcceptBurst = 0
    /// The maximum number of requests on one connection. The last response announces that the connection closes.
    package var maximumRequestsPerConnection = 1_000_000
    /// Receives what was refused and why, and failures, on the reactor's thread.
    package var log = EventLog(nil)
    package var timeouts = ConnectionTimeouts()
    package var buffers = ConnectionBuffers()
    package var turns = TurnLimits()

    package init() {}
}

/// Time limits of a connection, and its minimum transfer rate.
package struct ConnectionTimeouts: Sendable {
    /// How long a handler that does not run inline may take to respond; then the client gets 503.
    package var handlerMilliseconds = 60_000
    /// How long a connection may wait for its next request before it is closed.
    package var idleMilliseconds = 60_000
    /// How long after its first byte a head must be complete; then the client gets 408.
    package var headMilliseconds = 10_000
    /// How long a closing connection is still read from, so that the client gets the last response.
    package var lingerMilliseconds = 2_000
    /// How long a stopping server waits for a request in transit on an idle connection.
    package var drainGraceMilliseconds = 500
    /// How long a request body or a response may pause before the minimum rate applies.
    package var transferGraceMilliseconds = 10_000
    /// Seconds without a packet from the client after which the kernel sends keep-alive probes; 0 for never. After
    /// twice that time without a packet, the client is considered gone.
    package var keepAliveSeconds: Int32 = 15
    /// The minimum rate of a request body, and of the client receiving a response, in bytes per second after the grace
    /// period.
    package var minimumTransferRate = 500
    /// How long waits for the kernel may fail in a row before the reactor ends.
    package var waitFailureLimitMilliseconds = 5_000
}

/// Limits of the bytes that a connection buffers.
package struct ConnectionBuffers: Sendable {
    /// Unsent response bytes from which on no further pipelined request begins.
    package var outputHighWaterByteCount = 64 * 1024
    /// Unparsed bytes from which on nothing more is received. A value below the head limit could stall a head that is
    /// received in pieces.
    package var inputHighWaterByteCount = 64 * 1024
    /// Unread bytes of a streamed body from which on nothing more is received, until half of them are read.
    package var streamHighWaterByteCount = 64 * 1024
    /// Bytes of an unread body that are discarded to keep the connection. If more remain, the connection closes.
    package var maximumDiscardedByteCount = 64 * 1024
}

/// The share of a reactor's turn for one connection, or for all of them together.
package struct TurnLimits: Sendable {
    /// Heads and chunks of one connection that are read in one turn. The rest waits until the other connections have
    /// had their turn, so that a flood of small messages delays them little.
    package var maximumStepsPerTurn = 32
    /// Heads and chunks that are read in one turn for deferred connections, which used up their share of an earlier
    /// turn. The rest of these connections continue to wait. At least one continues in each turn.
    package var maximumDeferredStepsPerTurn = 256
    /// Bytes received by one connection in one turn that make it a flood. A flood receives one buffer at a time, after
    /// all other connections, until four in a row bring less than an eighth of this. Otherwise the other connections
    /// would wait for 32 buffers of each flood.
    package var floodByteCount = 32 * 1024
    /// Bytes of collected bodies whose handlers are called in one turn. The rest waits for a later turn. At least one
    /// handler is called in each turn.
    package var maximumBodyByteCountPerTurn = 256 * 1024
}
