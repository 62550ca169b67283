import TestSupport

@testable import Reactor

extension [Completion] {
    /// Shuffles the completions of different connections, as a kernel may; those of one connection stay in order.
    mutating func shuffle(
        using random: inout SeededGenerator, keepingOrderOf key: (Completion) -> Token
    ) {
        var groups: [(key: Token, completions: [Completion])] = []
        for completion in self {
            if let place = groups.firstIndex(where: { $0.key == key(completion) }) {
                groups[place].completions.append(completion)
            } else {
                groups.append((key(completion), [completion]))
            }
        }
        groups.shuffle(using: &random)
        self = groups.flatMap(\.completions)
    }
}
