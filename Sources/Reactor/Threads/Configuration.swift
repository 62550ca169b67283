package import HTTPCore

/// What a reactor is told about connections: limits and times. The server's configuration is translated into it.
package struct ConnectionConfiguration: Sendable {
    package var headLimits = HeadLimits()
    /// Connections of all reactors that count together; further ones are refused with 503.
    package var maximumConnections = 65_536
    /// Those of them from one IPv4 address or IPv6 /64; further ones are refused with 503.
    package var maximumConnectionsPerAddress = 16_384
    /// Connections of all reactors that may wait to be accepted at the same moment. A group of reactors knows it.
    var maximumAcceptBurst = 0
    /// Requests answered on one connection; the last answer says that it closes.
    package var maximumRequestsPerConnection = 1_000_000
    /// Told in a line what was refused and why; on the reactor's thread, at most a few times a second.
    package var log: (@Sendable (String) -> Void)?
    package var timeouts = ConnectionTimeouts()
    package var buffers = ConnectionBuffers()
    package var turns = TurnLimits()

    package init() {}
}

/// How long a connection may take, and how slow it may be.
package struct ConnectionTimeouts: Sendable {
    /// A handler elsewhere must have answered after this long; else 503.
    package var handlerMilliseconds = 60_000
    /// A connection that waits for its next request is closed after this long.
    package var idleMilliseconds = 60_000
    /// A head must be complete this long after its first byte; else 408.
    package var headMilliseconds = 10_000
    /// How long a closing connection is read from, so that the client gets the last answer.
    package var lingerMilliseconds = 2_000
    /// How long a stopping server waits for a request that may be on its way on a connection at rest.
    package var drainGraceMilliseconds = 500
    /// A body, or an answer on its way out, may pause for this long before the minimum rate is asked for.
    package var transferGraceMilliseconds = 10_000
    /// Seconds without a packet from the client after which the kernel asks whether it is still there; 0 for never.
    /// After twice the time without an answer the client is gone.
    package var keepAliveSeconds: Int32 = 15
    /// Bytes a second that a body must arrive with, and an answer be taken with, after the grace.
    package var minimumTransferRate = 500
    /// How long waiting for the kernel may fail without interruption before the reactor gives up.
    package var waitFailureLimitMilliseconds = 5_000
}

/// How many bytes wait at most.
package struct ConnectionBuffers: Sendable {
    /// Once this many answer bytes wait to be sent, no further pipelined request is begun.
    package var outputHighWaterByteCount = 64 * 1024
    /// Once this many bytes wait to be parsed, no more is received. Below the head limit a head in pieces could stall.
    package var inputHighWaterByteCount = 64 * 1024
    /// Once this many bytes of a streamed body wait for its handler, no more is received until half of them are read.
    package var streamHighWaterByteCount = 64 * 1024
    /// Bytes of an unwanted body that are read to keep the connection; with more to come it is closed.
    package var maximumDiscardedByteCount = 64 * 1024
}

/// What one connection, or all of them together, may have of a turn of the reactor.
package struct TurnLimits: Sendable {
    /// Heads and chunks of one connection that are read in one turn of the reactor; the rest waits until the others
    /// have had their turn, so that a flood of small things holds nobody up for long.
    package var maximumStepsPerTurn = 32
    /// Heads and chunks that are read in one turn for connections which had enough of an earlier one; the others of
    /// them wait on. At least one connection goes on.
    package var maximumDeferredStepsPerTurn = 256
    /// Received by one connection in one turn, this many bytes make it a flood: it receives a buffer at a time from
    /// then on, behind all others, until four in a row bring less than an eighth of this. Else everybody would wait for
    /// 32 buffers of each such connection.
    package var floodByteCount = 32 * 1024
    /// Bytes of bodies that came in pieces whose handlers are called in one turn; the rest waits until the others have
    /// had their turn. One handler is called in any case.
    package var maximumBodyByteCountPerTurn = 256 * 1024
}
