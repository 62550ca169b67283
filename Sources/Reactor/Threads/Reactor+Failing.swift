import Glibc
import Platform

/// A series of failed waits.
struct WaitFailures {
    var count = 0
    /// When the first of them failed, in nanoseconds.
    var since: Int64 = 0
    /// When a failure was last reported.
    var reported: Int64?
}

// Recovery from failed waits for the kernel.
extension Reactor where KernelDriver: ~Copyable {
    /// The pause after the first failure, in microseconds. It doubles with each further failure, up to `longestPause`.
    private static var shortestPause: UInt32 { 1000 }
    private static var longestPause: UInt32 { 100_000 }

    /// The minimum time between two reports of a failure, in nanoseconds.
    static var reportInterval: Int64 { 10_000_000_000 }

    /// Recovers from a failed wait: pauses, or restarts the driver if it has lost operations. Operations that the
    /// driver has completed nonetheless are handled as usual. Throws if the failure is permanent or lasts too long.
    mutating func recover(from error: SystemError) throws(SystemError) {
        let kind = WaitFailure(error.code)
        guard kind != .lasting else { throw error }
        if failures.count == 0 { failures.since = driver.nanoseconds }
        try countFailure(error)
        if kind == .losesOperations {
            report("operations were lost; a reactor closes its connections and goes on", error)
            try restart()
        } else {
            report("a reactor could not wait for events and tries again", error)
            pause()
        }
        // A wake event may be among those that were missed.
        readMailbox()
    }

    /// Counts a failure. Throws it if waits have failed for too long, or the reactor's stop deadline has passed.
    private mutating func countFailure(_ error: SystemError) throws(SystemError) {
        failures.count += 1
        let now = driver.nanoseconds
        let patience = Int64(context.configuration.timeouts.waitFailureLimitMilliseconds) * 1_000_000
        if now - failures.since > patience { throw error }
        // The mailbox may have a deadline that the reactor could not read yet.
        if let deadline = stopping.deadline ?? mailbox.stopDeadline, failures.count > 1, now >= deadline {
            throw error
        }
    }

    private mutating func report(_ message: String, _ error: SystemError) {
        let now = driver.nanoseconds
        if let reported = failures.reported, now - reported < Self.reportInterval { return }
        failures.reported = now
        context.log.report(.error, message, error: error)
    }

    /// Sleeps for a while, so that a repeated failure costs no processor time.
    private func pause() {
        let doublings = min(failures.count - 1, 7)
        usleep(min(Self.shortestPause << UInt32(doublings), Self.longestPause))
    }

    /// Restarts the driver, which ends all operations, and closes all connections: which of their operations completed
    /// is unknown, and a response must be sent neither twice nor in part. The descriptor of a connection whose accept
    /// completion was lost is unknown and stays open until the process ends.
    private mutating func restart() throws(SystemError) {
        mailbox.forgetRing()
        while true {
            do throws(SystemError) {
                try driver.restart()
                break
            } catch {
                guard WaitFailure(error.code) != .lasting else { throw error }
                try countFailure(error)
                pause()
            }
        }
        closeConnections()
        isTimerSet = false
        accepting.resumeTick = nil
        bulk = BulkQueue()
        quietSends.removeAll()
        for listener in listeners where listener.hasStoppedAccepting { listener.close() }
        begin()
    }

    /// Closes every connection at once and ends its exchange. No operation may be under way.
    private mutating func closeConnections() {
        for slot in 0..<connections.slotCount {
            guard let connection = unsafe connections.occupant(of: slot) else { continue }
            _ = unsafe connection.pointee.cutOff()
            unsafe connection.pointee.endExchanges()
            unsafe remove(connection)
        }
    }
}
