import HTTP1
import HTTPCore
import Platform

/// What a reactor lends to the connection that it is handling an event of: one of each per reactor, so that a
/// connection at rest owns none of it.
///
/// Always lent as `inout`, also to what only reads: Swift 6.3 copies a structure of this size, and the configuration in
/// it, when it is lent as `borrowing`.
@safe
struct ReactorContext: ~Copyable {
    let configuration: ConnectionConfiguration
    // The reactor holds the mailbox for as long as it exists, and this context with it.
    let mailbox: Unmanaged<ReactorMailbox>
    /// Parses heads that arrive whole.
    var parser: RequestParser
    var buffers = BufferPool()
    var log: EventLog
    // Owned: freed in `deinit`. In a place of its own, so that senders of responses can refer to it.
    let dateField: UnsafeMutablePointer<DateField>
    /// The server is stopping: every answer from now on is its connection's last.
    var isDraining = false
    /// Counts the reactor's turns, modulo 2^32.
    var turn: UInt32 = 0
    /// The turn in which a body that came in pieces went to its handler last, and the bytes of all those of that turn.
    var bodyTurn: UInt32 = 0
    var bodyByteCount = 0
    /// Bytes that were freed, or will be, since memory was last given back to the system: of bodies that come in
    /// pieces, of heads and requests that did, and of connections that ended with something in hand.
    var freedByteCount = 0
    /// Requests answered or handed to a handler, for the statistics.
    var requestCount = 0

    init(configuration: ConnectionConfiguration, mailbox: ReactorMailbox) {
        self.configuration = configuration
        unsafe self.mailbox = .passUnretained(mailbox)
        log = EventLog(report: configuration.log)
        unsafe dateField = .allocate(capacity: 1)
        unsafe dateField.initialize(to: DateField(unixSeconds: Clock.unixSeconds()))
        parser = RequestParser(limits: configuration.headLimits)
    }

    deinit { unsafe dateField.deallocate() }

    /// The Date field of the current second.
    var date: DateField { _read { yield unsafe dateField.pointee } }

    /// Writes the Date field of the current second.
    mutating func updateDate(unixSeconds: Int) {
        // A copy of the pointer: under ThreadSanitizer, Swift 6.3 can't compile a change through the property.
        let field = unsafe dateField
        unsafe field.pointee.update(unixSeconds: unixSeconds)
    }
}
