/// A pool under measurement: a name, and the measuring functions.
struct Contender {
    let name: String
    /// Measures a cell for about the given number of milliseconds.
    let run: (Cell, Int) -> Outcome
    /// Measures for the given number of milliseconds the share of a processor that the idle pool uses.
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
