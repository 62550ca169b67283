import TestSupport
import Testing

// Figures that other processes on the machine do not change, or not beyond the limits. Serialized, because the scripts
// start processes, which would disturb each other.
@Suite(
    "A request does not become more expensive", .serialized,
    .enabled(if: Gate.programs != nil, "only `make test` and `make gates` build what is measured here"))
struct GateTests {
    private static let platform = InstructionCounts(Command("Benchmarks/Micro/count", "--platform").output)?.platform

    private static let thresholds = platform.flatMap { platform in
        InstructionCounts(Command("cat", "Benchmarks/Micro/thresholds").output, platform: platform)
    }

    @Test(
        "instructions are within 3 % of Benchmarks/Micro/thresholds",
        .enabled(if: Gate.hasCallgrind, "valgrind is not on the PATH"),
        .enabled(if: thresholds != nil, "there are no thresholds for \(platform ?? "this platform")"))
    func instructions() throws {
        let thresholds = try #require(Self.thresholds)
        let programs = try #require(Gate.programs)
        let run = Gate.measure("Micro/count", "\(programs)/micro")
        try #require(run.exitStatus == 0, "\(run.output)")
        let counted = try #require(InstructionCounts(run.output))
        #expect(counted.platform == thresholds.platform)
        let complaints = thresholds.complaints(about: counted).joined(separator: "\n")
        #expect(
            complaints.isEmpty,
            "\(complaints)\nIf that is meant: Benchmarks/Micro/count > Benchmarks/Micro/thresholds\n\(run.output)")
    }

    @Test("in a release build, handlers are on their own thread after each await")
    func threads() throws {
        let programs = try #require(Gate.programs)
        let run = Command("\(programs)/micro", "threads")
        #expect(run.exitStatus == 0, "\(run.output)")
        #expect(run.output.contains("places are on the right thread"), "\(run.output)")
    }

    @Test("without a trait, the libraries that it needs are not linked")
    func traits() throws {
        let programs = try #require(Gate.programs)
        let listing = Command("ldd", "\(programs)/hyperserve")
        #expect(listing.exitStatus == 0 && listing.output.contains("libswiftCore"), "\(listing.output)")
        for library in ["libz.", "Foundation", "libicu"] { #expect(!listing.output.contains(library)) }
    }

    @Test(
        "responses allocate no more than their kind of handler needs",
        .enabled(if: Gate.hasPython, "python3 is not on the PATH"))
    func allocations() throws {
        let programs = try #require(Gate.programs)
        let run = Gate.measure(
            "Throughput/allocations", "--hyperserve", "\(programs)/hyperserve", "--counter",
            "\(programs)/allocation_counter.so", "--requests", "5000")
        #expect(run.exitStatus == 0, "\(run.output)")
    }

    @Test(
        "a request makes no more system calls than its driver needs",
        .enabled(if: Gate.hasPython, "python3 is not on the PATH"),
        .enabled(if: Gate.canTrace, "strace is not on the PATH, or may not trace here"))
    func systemCalls() throws {
        let programs = try #require(Gate.programs)
        let run = Gate.measure("Throughput/syscalls", "--hyperserve", "\(programs)/hyperserve")
        #expect(run.exitStatus == 0, "\(run.output)")
    }
}
