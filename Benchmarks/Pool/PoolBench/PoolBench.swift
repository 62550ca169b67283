import CMeter
import Glibc
import MutexPool

/// Measures this project's pool against others: the same jobs, submitted the same way, in one interleaved run.
@main
struct PoolBench {
    static func main() {
        guard let options = Options(Array(CommandLine.arguments.dropFirst())) else {
            print(Options.usage)
            exit(CommandLine.arguments.contains("--help") ? 0 : 2)
        }
        let cells = Cell.all.filter { options.cells.isEmpty || $0.label.contains(options.cells) }
        guard !cells.isEmpty else {
            print("no cell is called anything with \"\(options.cells)\"; there are:")
            for cell in Cell.all { print("  \(cell.label)") }
            exit(2)
        }
        var run = Run(contenders(options), cells, options)
        run.measure { round in
            print("round \(round + 1) of \(options.rounds)")
            fflush(nil)
        }
        print()
        Report(run: run).write()
        guard JSONReport(run: run).write(to: options.jsonPath) else {
            print("cannot write \(options.jsonPath)")
            exit(1)
        }
        print("All figures: \(options.jsonPath)")
    }

    private static func contenders(_ options: Options) -> [Contender] {
        let rounds = meter_calibrate()
        var all = [
            Contender(HyperServePool.self, spinRoundsPerMicrosecond: rounds),
            Contender(MutexPool.self, spinRoundsPerMicrosecond: rounds),
            Contender(NIOPool.self, spinRoundsPerMicrosecond: rounds),
            Contender(DispatchPool.self, spinRoundsPerMicrosecond: rounds),
        ]
        if let program = GoProgram() {
            all.append(Contender(program))
        } else {
            print("Go is left out: no working `go` was found (Debian: apt install golang-go)")
        }
        return all.filter { options.pools?.contains($0.name) ?? true }
    }
}
