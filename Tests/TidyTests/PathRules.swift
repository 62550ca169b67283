/// What paths owe to file systems that don't tell `A` from `a`.
enum PathRules {
    /// The paths and folders that differ only by case, those that clash joined by commas.
    static func twins(in paths: [String]) -> [String] {
        var spellings: [String: Set<String>] = [:]
        for path in paths {
            var prefix = ""
            for name in path.split(separator: "/") {
                prefix += prefix.isEmpty ? String(name) : "/\(name)"
                spellings[prefix.lowercased(), default: []].insert(prefix)
            }
        }
        return spellings.values.filter { $0.count > 1 }.map { $0.sorted().joined(separator: ", ") }.sorted()
    }
}
