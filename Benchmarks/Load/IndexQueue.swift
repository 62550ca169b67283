/// A queue of numbers with room for a fixed count.
struct IndexQueue {
    private var items: [Int]
    private var head = 0
    private(set) var count = 0

    init(capacity: Int) { items = Array(repeating: 0, count: capacity) }

    var isEmpty: Bool { count == 0 }

    mutating func append(_ item: Int) {
        precondition(count < items.count, "each number is in the queue once")
        items[(head + count) % items.count] = item
        count += 1
    }

    mutating func popFirst() -> Int? {
        guard count > 0 else { return nil }
        defer {
            head = (head + 1) % items.count
            count -= 1
        }
        return items[head]
    }

    /// Removes a number at any position; slow, and rarely needed.
    mutating func remove(_ item: Int) {
        for _ in 0..<count {
            guard let next = popFirst() else { return }
            if next != item { append(next) }
        }
    }
}
