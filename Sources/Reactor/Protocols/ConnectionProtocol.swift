/// A protocol spoken on a connection: a state machine that consumes bytes and appends bytes to the transport's output.
/// It does no I/O and has no clock of its own. Each connection has an object of its own.
///
/// HTTP/1.1 does not go through this protocol, but has the same functions; see `HTTP1Connection`.
package protocol ConnectionProtocol: AnyObject {
    /// What the connection waits for, which decides its time limit.
    var wait: Wait { get }

    /// Consumes as many of the first bytes as possible and returns their number. The others are passed again, together
    /// with the bytes that follow.
    func receive(_ bytes: RawSpan, _ transport: inout Transport) -> Int

    /// Handles the peer's FIN. Bytes that were not consumed may still be passed again.
    func peerFinished(_ transport: inout Transport)

    /// Handles the end of the time limit for `wait`.
    func timedOut(_ transport: inout Transport)

    /// Handles the end of the connection. No other call follows.
    func disconnected()
}
