/// A pool as the run sees it: a name, and ways to measure.
struct Contender {
    let name: String
    /// Measures a cell for about so many milliseconds.
    let run: (Cell, Int) -> Outcome
    /// Measures for so many milliseconds the share of a processor that the pool uses when it has nothing to do.
    let idle: (Int) -> Double

    /// A pool in this process.
    init<Pool: JobPool>(_ pool: Pool.Type, spinRoundsPerMicrosecond: UInt32) {
        let measurement = Measurement<Pool>(spinRoundsPerMicrosecond: spinRoundsPerMicrosecond)
        name = Pool.label
        run = measurement.run
        idle = measurement.idle
    }

    /// The Go program.
    init(_ program: GoProgram) {
        name = "Go"
        run = program.run
        idle = program.idle
    }
}
