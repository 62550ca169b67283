import CLockFree
import Glibc

/// The waits of a worker between two searches for work: longer each time, then yielding, then over.
package struct Backoff {
    /// 2^0 … 2^6 pauses. A pause is 10 to 40 ns, so all of them take a few microseconds: about as much as a sleep and a
    /// wake-up, so that waiting never costs more than twice the better choice.
    private static let spins = 7
    private static let yields = 4

    private var step: Int

    /// The time that a sleep and a wake-up take: instead of a shorter sleep, spinning would have been better.
    package static let worthwhileNanoseconds: Int64 = 20_000

    /// With a single processor, spinning only keeps the producer from running, so it is omitted.
    package init(processors: Int, isSpinningWorthwhile: Bool) {
        step = !isSpinningWorthwhile ? Self.spins + Self.yields : processors > 1 ? 0 : Self.spins
    }

    /// Waits a little. Returns false if it is time to sleep.
    package mutating func wait() -> Bool {
        guard step < Self.spins + Self.yields else { return false }
        if step < Self.spins {
            for _ in 0..<(1 << step) { hs_cpu_relax() }
        } else {
            sched_yield()
        }
        step += 1
        return true
    }
}
