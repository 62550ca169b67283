import CMeter

/// The same measurements in Go, by a program that is run once for each.
struct GoProgram {
    private let path: String
    private let spinRoundsPerMicrosecond: Int

    /// Builds the program; `nil` when that is not possible, usually because there is no Go.
    init?() {
        let folder = Folder.project + "/Benchmarks/Pool/go"
        path = Folder.project + "/Benchmarks/.build/pool-bench-go"
        guard
            Shell.output(of: "cd '\(folder)' 2>/dev/null && go build -o '\(path)' . 2>/dev/null") != nil,
            let rounds = Shell.output(of: "'\(path)' -mode calibrate")?.dropLast(),
            let number = Int(rounds)
        else { return nil }
        spinRoundsPerMicrosecond = number
    }

    func run(_ cell: Cell, milliseconds: Int) -> Outcome {
        let work = cell.work
        let arguments = [
            "-mode", cell.mode.rawValue, "-producers", "\(cell.producers)", "-milliseconds", "\(milliseconds)",
            "-spin", "\(work.microseconds * spinRoundsPerMicrosecond)", "-burst", "\(work.burst)",
            "-window", "\(work.window)", "-sampling", "\(cell.sampling)",
        ]
        let start = meter_now()
        let machineTime = meter_machine_time()
        let ownTime = meter_processor_time() + meter_children_time()
        let figures = measure(arguments)
        let others =
            Double(meter_machine_time() - machineTime)
            - Double(meter_processor_time() + meter_children_time() - ownTime)
        return Outcome(
            jobsPerSecond: figures[0] * 1e9 / figures[1], processorNanosecondsPerJob: figures[2] / figures[0],
            p50: figures[3], p99: figures[4], p999: figures[5], disturbance: others / Double(meter_now() - start)
        )
    }

    func idle(milliseconds: Int) -> Double {
        let figures = measure(["-mode", "idle", "-milliseconds", "\(milliseconds)"])
        return figures[2] / figures[1]
    }

    /// Jobs, nanoseconds, processor nanoseconds, and three quantiles; -1 means "none".
    private func measure(_ arguments: [String]) -> [Double] {
        let output = Shell.output(of: "'\(path)' " + arguments.joined(separator: " ")) ?? ""
        let figures = output.split { $0 == " " || $0 == "\n" }.compactMap { Double(String($0)) }
        precondition(figures.count == 6, "the Go program wrote: \(output)")
        return figures.map { $0 < 0 ? .nan : $0 }
    }
}
