/// Instructions by operation, as Benchmarks/Micro/count writes them: a line with the platform in brackets, then an
/// operation and its count on each line.
struct InstructionCounts {
    private(set) var byOperation: [String: Int] = [:]
    let platform: String

    /// Reads the part for one platform, or the first. Nil if there is none.
    init?(_ text: String, platform wanted: String? = nil) {
        var lines = text.split(separator: "\n").drop { line in
            if let wanted { return line != "[\(wanted)]" }
            return !line.hasPrefix("[")
        }
        guard let head = lines.popFirst() else { return nil }
        platform = String(head.dropFirst().dropLast())
        for line in lines.prefix(while: { !$0.hasPrefix("[") }) {
            let words = line.split(separator: " ")
            guard words.count == 2, let count = Int(words[1]) else { continue }
            byOperation[String(words[0])] = count
        }
    }

    /// A line for each count that differs from these by more than 3 %, in either direction.
    func complaints(about counted: InstructionCounts) -> [String] {
        Set(byOperation.keys).union(counted.byOperation.keys).sorted().compactMap { name in
            guard let now = counted.byOperation[name] else { return "\(name) has a threshold and is not counted" }
            guard let threshold = byOperation[name] else { return "\(name) has no threshold; it takes \(now)" }
            let change = "\(name) takes \(now) instructions, the threshold is \(threshold)"
            if now * 100 > threshold * 103 { return "\(change): it became slower" }
            if now * 100 < threshold * 97 { return "\(change): it became faster, so lower the threshold" }
            return nil
        }
    }
}
