/// Something whose cost is measured: it is prepared once, and then done as often as asked.
struct MeasuredOperation: Sendable {
    let name: String
    /// Whether it takes the same instructions each time. What several threads do together does not.
    var isCountable = true
    /// Returns what does it a number of times. What that returns depends on all of the work.
    let prepare: @Sendable () -> (Int) -> Int
}
