/// How long an operation takes on this machine, now.
enum Timing {
    static let roundCount = 15
    private static let roundLength = Duration.milliseconds(10)

    /// Prints a line with the median and the least time of one operation.
    static func report(_ operation: MeasuredOperation) {
        let work = operation.prepare()
        var sum = 0
        // So many that starting and stopping the clock takes a negligible part of a round.
        var count = 1024
        let clock = ContinuousClock()
        while clock.measure({ sum &+= work(count) }) < roundLength { count *= 2 }
        let times = (0..<roundCount).map { _ in
            clock.measure { sum &+= work(count) } / .nanoseconds(1) / Double(count)
        }.sorted()
        precondition(sum != 0, "the work was done")
        print(
            operation.name.padded(to: 40) + times[roundCount / 2].tenths.leading(10) + times[0].tenths.leading(10))
    }
}

extension Double {
    /// With one digit after the decimal point.
    fileprivate var tenths: String {
        let tenths = Int((self * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}

extension String {
    func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }

    /// With spaces before it.
    func leading(_ width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }
}
