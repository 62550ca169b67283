/// What is spoken on a connection: a state machine that consumes bytes and appends bytes to the transport's output. It
/// does no I/O and has no clock of its own. One object belongs to one connection.
///
/// HTTP/1.1 does not go through this protocol, but has the same functions; see `HTTP1Connection`.
package protocol ConnectionProtocol: AnyObject {
    /// What the peer keeps waiting, for the limit that applies to it.
    var wait: Wait { get }

    /// Consumes as many of `bytes` as possible, from the first, and returns how many. The others come again, with what
    /// follows them.
    func receive(_ bytes: RawSpan, _ transport: inout Transport) -> Int

    /// The peer has sent its last byte. Bytes that were not consumed may still come again.
    func peerFinished(_ transport: inout Transport)

    /// `wait` has taken too long.
    func timedOut(_ transport: inout Transport)

    /// The connection is gone, and nothing more comes.
    func disconnected()
}
