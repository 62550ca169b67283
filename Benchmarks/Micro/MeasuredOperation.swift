/// An operation whose cost is measured: prepared once, then repeated any number of times.
struct MeasuredOperation: Sendable {
    let name: String
    /// Whether it takes the same instructions each time, as operations of several threads do not.
    var isCountable = true
    /// Returns a function that repeats the operation, and whose result depends on all of the work.
    let prepare: @Sendable () -> (Int) -> Int
}
