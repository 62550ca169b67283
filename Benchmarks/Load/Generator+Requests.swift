import CEpoll
import Glibc

// Requests: sent when they are due, ended in one of four ways.
extension Generator {
    /// How a request ended.
    enum Ending {
        case response(status: Int)
        case failure
        case timeout
    }

    mutating func sendDue() {
        var now = monotonicNanoseconds()
        while nextRequest < schedule.totalCount {
            let due = schedule.dueNanoseconds(nextRequest)
            guard due <= now else { break }
            guard let index = idle.popFirst() else { break }
            if nextRequest >= schedule.warmUpCount {
                outcome.sent += 1
                // Without a free connection, the delay is the server's.
                if hadIdle { noteDelay(now - due) }
            }
            connections[index].state = .busy(request: nextRequest, sentByteCount: 0)
            connections[index].reader.reset()
            busyCount += 1
            nextRequest += 1
            send(index)
            now = monotonicNanoseconds()
        }
        hadIdle = !idle.isEmpty
    }

    /// Sends the rest of a connection's request, as much as the socket accepts.
    mutating func send(_ index: Int) {
        guard case .busy(let number, let sentByteCount) = connections[index].state else { return }
        let descriptor = connections[index].descriptor
        let taken = request.withUnsafeBytes {
            Glibc.send(
                descriptor, $0.baseAddress! + sentByteCount, $0.count - sentByteCount, Int32(MSG_NOSIGNAL))
        }
        if taken < 0, errno != EAGAIN, errno != EINTR {
            end(number, .failure, nanoseconds: monotonicNanoseconds())
            return reopen(index)
        }
        let total = sentByteCount + max(0, taken)
        connections[index].state = .busy(request: number, sentByteCount: total)
        if total < request.count {
            watch(index, for: EPOLLIN.rawValue | EPOLLOUT.rawValue)
        } else if sentByteCount > 0 || taken < 0 {
            watch(index, for: EPOLLIN.rawValue)
        }
    }

    /// Ends the request of a connection.
    mutating func end(_ number: Int, _ ending: Ending, nanoseconds: UInt64) {
        busyCount -= 1
        count(number, ending, nanoseconds: nanoseconds)
    }

    /// Counts a request, unless it belongs to the warm-up.
    mutating func count(_ number: Int, _ ending: Ending, nanoseconds: UInt64) {
        guard number >= schedule.warmUpCount else { return }
        let latencyNanoseconds = nanoseconds - schedule.dueNanoseconds(number)
        switch ending {
        case .response(200..<300):
            outcome.completed += 1
            outcome.record(latencyNanoseconds: latencyNanoseconds)
        case .response: outcome.non2xx += 1
        case .failure: outcome.failures += 1
        case .timeout:
            outcome.timeouts += 1
            outcome.record(latencyNanoseconds: latencyNanoseconds)
        }
    }

    private mutating func noteDelay(_ delayNanoseconds: UInt64) {
        if delayNanoseconds > Self.latenessNanoseconds { outcome.lateSends += 1 }
        outcome.longestDelayNanoseconds = max(outcome.longestDelayNanoseconds, delayNanoseconds)
    }
}
