public import CLockFree
import CPlatform
import Glibc

/// The processors that this process may use, by NUMA node.
package struct Topology: Sendable, Equatable {
    /// Processors that share memory. A machine without NUMA is one node.
    package struct Node: Sendable, Equatable {
        /// The kernel's number for the node.
        package let number: Int
        /// The kernel's numbers for its processors, ascending; never empty.
        package let processors: [Int]
    }

    /// The topology at the first access.
    package static let current = Topology()

    /// The number of threads that can compute at once, at least 1: one per processor, or fewer if the quota of the
    /// process' control groups amounts to fewer processors.
    package static var defaultThreadCount: Int {
        current.threadCount(quota: ProcessorQuota.current)
    }

    /// Ascending by number; never empty.
    package let nodes: [Node]

    /// The number of processors.
    package var processorCount: Int {
        nodes.reduce(0) { $0 + $1.processors.count }
    }

    /// The number of threads for a quota in processors, nil for none.
    package func threadCount(quota: Int?) -> Int {
        max(1, min(processorCount, quota ?? processorCount))
    }

    /// Reads the topology from the kernel's files in the given folders, which tests replace.
    ///
    /// What can't be read or is inconsistent is replaced by the nearest fallback: the list of allowed processors by
    /// those that are online, those by `sysconf`; nodes that are missing, or lack an allowed processor, by one node
    /// with all processors.
    package init(sysfs: String = "/sys", procfs: String = "/proc") {
        let allowed = Self.allowedProcessors(sysfs: sysfs, procfs: procfs)
        let found = Self.readNodes(sysfs: sysfs, allowed: allowed)
        let isComplete = found.flatMap(\.processors).sorted() == allowed
        nodes = isComplete ? found : [Node(number: 0, processors: allowed)]
    }

    private static func allowedProcessors(sysfs: String, procfs: String) -> [Int] {
        if let allowed = allowedByStatus(procfs: procfs), !allowed.isEmpty { return allowed }
        if let online = readList("\(sysfs)/devices/system/cpu/online"), !online.isEmpty { return online }
        return Array(0..<max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    }

    private static func allowedByStatus(procfs: String) -> [Int]? {
        guard let status = SmallFile.contents(of: "\(procfs)/self/status") else { return nil }
        let label = Array("Cpus_allowed_list:".utf8)
        guard let line = status.split(separator: UInt8(ascii: "\n")).first(where: { $0.starts(with: label) }) else {
            return nil
        }
        let blanks: [UInt8] = [UInt8(ascii: " "), UInt8(ascii: "\t")]
        return ProcessorList.parse(line.dropFirst(label.count).filter { !blanks.contains($0) })
    }

    private static func readNodes(sysfs: String, allowed: [Int]) -> [Node] {
        let folder = "\(sysfs)/devices/system/node"
        let numbers = readList("\(folder)/online") ?? []
        let usable = Set(allowed)
        return numbers.compactMap { number in
            let processors = (readList("\(folder)/node\(number)/cpulist") ?? []).filter(usable.contains)
            return processors.isEmpty ? nil : Node(number: number, processors: processors)
        }
    }

    private static func readList(_ path: String) -> [Int]? {
        SmallFile.contents(of: path).flatMap { ProcessorList.parse($0) }
    }
}

/// The processor that the calling thread runs on.
public enum Processor {
    /// Its number, now or a moment ago; 0 if the kernel doesn't report it. About 2 ns.
    package static var current: Int { Int(hs_thread_processor()) }

    /// Starts to fetch the cache line at `address` for writing, without waiting. Any number is allowed.
    @inlinable package static func prefetch(_ address: UInt) { hs_cpu_prefetch(address) }
}
