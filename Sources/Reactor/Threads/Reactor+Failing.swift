import Glibc
import Platform

/// Waits that failed in a row.
struct WaitFailures {
    var count = 0
    /// When the first of them failed, in nanoseconds.
    var since: Int64 = 0
    /// When a failure was reported last.
    var reported: Int64?
}

// What a reactor does when it cannot wait for the kernel.
extension Reactor where KernelDriver: ~Copyable {
    /// The pause after the first failure, in microseconds. It doubles with each further one, up to the longest.
    private static var shortestPause: UInt32 { 1000 }
    private static var longestPause: UInt32 { 100_000 }

    /// How long a failure is not reported again, in nanoseconds.
    static var reportInterval: Int64 { 10_000_000_000 }

    /// After a failed wait: pauses, or restarts the driver if it has lost operations, so that the reactor may go on.
    /// What the driver has completed nonetheless is handled as ever. Throws if the failure is none that passes, or does
    /// not pass.
    mutating func recover(from error: SystemError) throws(SystemError) {
        let kind = WaitFailure(error.code)
        guard kind != .lasting else { throw error }
        if failures.count == 0 { failures.since = driver.nanoseconds }
        try countFailure(error)
        if kind == .losesOperations {
            report("\(error): operations were lost; a reactor closes its connections and goes on")
            try restart()
        } else {
            report("\(error): a reactor could not wait for events and tries again")
            pause()
        }
        // The wake may be among what could not be waited for.
        readMailbox()
    }

    /// Gives up when nothing has worked for too long, or when all should be over.
    private mutating func countFailure(_ error: SystemError) throws(SystemError) {
        failures.count += 1
        let now = driver.nanoseconds
        let patience = Int64(context.configuration.timeouts.waitFailureLimitMilliseconds) * 1_000_000
        if now - failures.since > patience { throw error }
        // The mailbox may say so before anything could be read from it.
        if let deadline = stopping.deadline ?? mailbox.stopDeadline, failures.count > 1, now >= deadline {
            throw error
        }
    }

    private mutating func report(_ line: @autoclosure () -> String) {
        let now = driver.nanoseconds
        if let reported = failures.reported, now - reported < Self.reportInterval { return }
        failures.reported = now
        context.configuration.log?(line())
    }

    /// Lets some time pass, so that a failure that repeats costs no processor time.
    private func pause() {
        let doublings = min(failures.count - 1, 7)
        usleep(min(Self.shortestPause << UInt32(doublings), Self.longestPause))
    }

    /// Begins again with a driver of which nothing is under way. The connections end: which of their operations were
    /// completed is unknown, and a response must be sent neither twice nor in part. A connection whose acceptance was
    /// lost is unknown here; its descriptor stays open until the process ends.
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

    /// Closes every connection at once, and ends its exchange. Nothing may be under way on any.
    private mutating func closeConnections() {
        for slot in 0..<connections.slotCount {
            guard let connection = unsafe connections.occupant(of: slot) else { continue }
            unsafe connection.pointee.fail()
            unsafe connection.pointee.endExchanges()
            unsafe remove(connection)
        }
    }
}
