import CLockFree
import Glibc

/// How a worker waits between two looks for work: longer each time, then in favour of other threads, then not at all.
package struct Backoff {
    /// 2^0 … 2^6 pauses. A pause is 10 to 40 ns, so all of it is a few microseconds: about what a sleep and a wake-up
    /// cost, so that waiting never costs more than twice the better choice.
    private static let spins = 7
    private static let yields = 4

    private var step: Int

    /// A sleep no longer than this would have been better spent spinning: it is what a sleep and a wake-up take.
    package static let worthwhileNanoseconds: Int64 = 20_000

    /// With a single processor spinning only keeps the producer from running, so it is left out.
    package init(processors: Int, isSpinningWorthwhile: Bool) {
        step = !isSpinningWorthwhile ? Self.spins + Self.yields : processors > 1 ? 0 : Self.spins
    }

    /// Waits a little. False: it is time to sleep.
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
