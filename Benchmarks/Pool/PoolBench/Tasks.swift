import CMeter

/// The submitted work: a plain value, which each pool wraps as it needs.
protocol Runnable: Sendable {
    func run()
}

/// A job that spins.
struct SpinTask: Runnable {
    let meter: Meter.Handle
    let spinRounds: UInt32
    /// The slot for the wait of this job; -1 for none.
    let slot: Int32
    /// Whether this may be one of the last jobs to end.
    let isMarker: Bool

    func run() {
        if slot >= 0 { meter.started(slot) }
        if spinRounds > 0 { meter_spin(spinRounds) }
        if isMarker { meter.ended() }
        meter.count()
    }
}

/// A job that submits two more.
struct ForkTask<Pool: JobPool>: Runnable {
    /// How many nodes a tree has below a root of depth 15.
    static var rootDepth: Int32 { 15 }

    let meter: Meter.Handle
    let pool: Unmanaged<Pool>
    let depth: Int32
    /// Its number among the nodes of its depth.
    let number: Int32

    func run() {
        if depth > 0 {
            pool._withUnsafeGuaranteedRef { pool in
                pool.submit(ForkTask(meter: meter, pool: self.pool, depth: depth - 1, number: number * 2))
                pool.submit(ForkTask(meter: meter, pool: self.pool, depth: depth - 1, number: number * 2 + 1))
            }
        } else if number % 64 == 0 {
            meter.ended()
        }
        meter.count()
    }
}
