import MutexPool

/// The run as tables for a terminal.
struct Report {
    let run: Run
    private static let ours = HyperServePool.label
    private static let rivals = [MutexPool.label, NIOPool.label]

    func write() {
        let names = run.contenders.map(\.name)
        writeThroughput(names)
        writeWaits(names)
        table("Processor time per job, microseconds", names) { cell, name in
            run.median(cell, name).map { Self.rounded($0.processorNanosecondsPerJob / 1e3, 2) }
        }
        print("Idle: share of one processor")
        for name in names { print("  \(Self.padded(name, 12))\(Self.rounded((run.idle[name] ?? .nan) * 100, 3)) %") }
        print()
        writeVerdict()
    }

    private func writeThroughput(_ names: [String]) {
        let rivals = Self.rivals.filter { names.contains($0) && names.contains(Self.ours) }
        table("Thousand jobs per second, and how many times the others' that is", names + rivals.map { "/\($0)" }) {
            cell, name in
            if name.hasPrefix("/") {
                return run.ratio(cell, of: Self.ours, to: String(name.dropFirst())).map { Self.rounded($0, 2) + "x" }
            }
            return run.median(cell, name).map { Self.rounded($0.jobsPerSecond / 1e3, 1) }
        }
    }

    private func writeWaits(_ names: [String]) {
        table("From submission to start, microseconds: p50 p99 p99.9", names, width: 22) { cell, name in
            guard let outcome = run.median(cell, name), !outcome.p50.isNaN else { return nil }
            return [outcome.p50, outcome.p99, outcome.p999].map { Self.rounded($0 / 1e3, 1) }.joined(separator: " ")
        }
    }

    /// The targets, and whether they are met.
    private func writeVerdict() {
        for rival in Self.rivals {
            let ratios = run.cells.compactMap { cell in
                run.ratio(cell, of: Self.ours, to: rival).map { (cell: cell, ratio: $0) }
            }
            let empty = ratios.filter { $0.cell.work == .empty && $0.cell.mode != .lone }
            if let least = empty.min(by: { $0.ratio < $1.ratio }) {
                print("Empty jobs: at least \(Self.rounded(least.ratio, 2)) times \(rival) (\(least.cell.label))")
            }
            if let least = ratios.min(by: { $0.ratio < $1.ratio }) {
                print("All cells: at least \(Self.rounded(least.ratio, 2)) times \(rival) (\(least.cell.label))")
            }
        }
        print("Repeated, because other programs used the processors meanwhile: \(run.repetitions) measurements")
    }

    private func table(_ title: String, _ names: [String], width: Int = 12, _ text: (Cell, String) -> String?) {
        print(title)
        print(Self.padded("", 20) + names.map { Self.padded($0, width) }.joined())
        for cell in run.cells {
            let figures = names.map { Self.padded(text(cell, $0) ?? "-", width) }
            print(Self.padded(cell.label, 20) + figures.joined())
        }
        print()
    }

    static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }

    /// Formats a number with the given number of decimal places.
    static func rounded(_ number: Double, _ digits: Int) -> String {
        guard number.isFinite else { return "-" }
        let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
        let whole = Int((abs(number) * scale).rounded())
        let sign = number < 0 && whole > 0 ? "-" : ""
        guard digits > 0 else { return "\(sign)\(whole)" }
        let fraction = String(whole % Int(scale))
        return "\(sign)\(whole / Int(scale)).\(String(repeating: "0", count: digits - fraction.count))\(fraction)"
    }
}
