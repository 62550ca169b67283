import Glibc
import TestSupport

/// The programs that the gates measure, and the scripts that measure them.
enum Gate {
    /// The folder of the release builds of `make test` and `make gates`; nil in any other test run, which would measure
    /// an older build.
    // The environment does not change while tests run, and the string is copied.
    static let programs = unsafe getenv("HYPERSERVE_GATES").map { unsafe String(cString: $0) }

    static let hasCallgrind = Command.exists("valgrind")

    static let hasPython = Command.exists("python3")

    static let canTrace = Command.canTrace

    /// Runs one of the scripts under Benchmarks on those programs.
    static func measure(_ script: String, _ arguments: String...) -> Command {
        Command(["Benchmarks/\(script)"] + arguments)
    }
}
