import Glibc

/// The run as a JSON file.
struct JSONReport {
    let run: Run

    /// Writes the file, and its folder if there is none. False: that failed.
    func write(to path: String) -> Bool {
        if let slash = path.lastIndex(of: "/") { mkdir(String(path[..<slash]), 0o755) }
        guard let file = fopen(path, "w") else { return false }
        defer { fclose(file) }
        return fputs(text, file) >= 0
    }

    private var text: String {
        let cells = run.cells.map { "    \(object(cell: $0))" }.joined(separator: ",\n")
        let idle = run.contenders.map { "\"\($0.name)\": \(number(run.idle[$0.name]))" }.joined(separator: ", ")
        return """
            {
              "rounds": \(run.options.rounds),
              "milliseconds": \(run.options.milliseconds),
              "processors": \(sysconf(Int32(_SC_NPROCESSORS_ONLN))),
              "repeatedMeasurements": \(run.repetitions),
              "idleShareOfOneProcessor": {\(idle)},
              "cells": [
            \(cells)
              ]
            }

            """
    }

    private func object(cell: Cell) -> String {
        let pools = run.contenders.compactMap { contender in
            run.outcomes[cell]?[contender.name].map { "\"\(contender.name)\": [\(rounds($0))]" }
        }
        return """
            {"work": "\(cell.work.rawValue)", "mode": "\(cell.mode.rawValue)", "producers": \(cell.producers), \
            "pools": {\(pools.joined(separator: ", "))}}
            """
    }

    private func rounds(_ outcomes: [Outcome]) -> String {
        outcomes.map { outcome in
            """
            {"jobsPerSecond": \(number(outcome.jobsPerSecond)), \
            "processorNanosecondsPerJob": \(number(outcome.processorNanosecondsPerJob)), \
            "waitNanoseconds": {"p50": \(number(outcome.p50)), "p99": \(number(outcome.p99)), \
            "p99.9": \(number(outcome.p999))}, "disturbance": \(number(outcome.disturbance))}
            """
        }.joined(separator: ", ")
    }

    /// JSON can't represent numbers that are not finite.
    private func number(_ number: Double?) -> String {
        guard let number, number.isFinite else { return "null" }
        return "\(number)"
    }
}
