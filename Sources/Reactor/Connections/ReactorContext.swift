import HTTPCore
import Platform

/// The resources that a reactor lends to a connection while it handles one of its events. There is one of each per
/// reactor, so that an idle connection owns none.
///
/// Always passed as `inout`, even for reading: Swift 6.3 copies a structure of this size, and the configuration in it,
/// when it is passed as `borrowing`.
@safe
struct ReactorContext: ~Copyable {
    let configuration: ConnectionConfiguration
    // The reactor owns both the mailbox and this context, so the mailbox lives as long as the context.
    let mailbox: Unmanaged<ReactorMailbox>
    /// What the connections of HTTP/1.1 share.
    var http1: HTTP1Resources
    var buffers = BufferPool()
    let log: EventLog
    // Owned: freed in `deinit`. Allocated separately, so that response senders can keep a pointer to it.
    let dateField: UnsafeMutablePointer<DateField>
    /// Whether the server is stopping: every response from now on is its connection's last.
    var isDraining = false
    /// The number of the reactor's turn, modulo 2^32.
    var turn: UInt32 = 0
    /// Bytes that were freed, or will be, since memory was last returned to the system: of bodies, heads and pipelined
    /// requests that were copied, and of connections that ended while they held memory.
    var freedByteCount = 0
    /// Requests begun, for the statistics.
    var requestCount = 0

    init(configuration: ConnectionConfiguration, mailbox: ReactorMailbox) {
        self.configuration = configuration
        unsafe self.mailbox = .passUnretained(mailbox)
        log = configuration.log
        unsafe dateField = .allocate(capacity: 1)
        unsafe dateField.initialize(to: DateField(unixSeconds: Clock.unixSeconds()))
        http1 = HTTP1Resources(headLimits: configuration.headLimits)
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
