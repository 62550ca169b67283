package import Platform

/// One deadline per connection slot, in ticks. Deadlines are set, moved and cleared in O(1), and expire without a scan
/// of the others.
///
/// A hashed wheel (Varghese and Lauck 1987, scheme 6) with lazy postponement: a later deadline, which every request
/// sets, only stores a number and leaves the entry in its bucket; when that bucket's tick is reached, the entry moves
/// to its new bucket. An earlier deadline changes buckets at once.
struct TimerWheel: ~Copyable {
    private struct Entry {
        /// When the slot expires.
        var deadline: Int64 = 0
        /// The tick whose bucket holds the entry; not after `deadline`. -1: in no bucket.
        var scheduled: Int64 = -1
        var next: Int32 = -1
        var previous: Int32 = -1
    }

    /// Deadlines further away wait in the last bucket and move on when its tick is reached.
    private static let bucketCount: Int64 = 512

    private var entries: [Entry] = []
    /// The first slot in each bucket, or -1. One more bucket holds the entries of the current tick that are still to be
    /// examined.
    private var buckets = [Int32](repeating: -1, count: Int(bucketCount) + 1)
    /// The last tick whose bucket was emptied.
    private(set) var currentTick: Int64
    /// Slots with a deadline.
    private(set) var count = 0

    init(currentTick: Int64) {
        self.currentTick = currentTick
    }

    /// Sets the deadline of `slot`, replacing the one it had. It expires in the first tick at or after `deadline`.
    mutating func set(slot: Int, deadline: Int64) {
        while slot >= entries.count { entries.append(Entry()) }
        entries[slot].deadline = deadline
        let scheduled = entries[slot].scheduled
        if scheduled >= 0 {
            if scheduled <= deadline { return }
            unlink(slot)
        } else {
            count += 1
        }
        link(slot)
    }

    /// Removes the slot's deadline, if it has one.
    mutating func clear(slot: Int) {
        guard slot < entries.count, entries[slot].scheduled >= 0 else { return }
        unlink(slot)
        entries[slot].scheduled = -1
        count -= 1
    }

    /// Returns the next slot whose deadline is at or before `tick`, and removes its deadline. Nil when none is left.
    mutating func nextExpired(at tick: Int64) -> Int? {
        while true {
            while let slot = firstToLookAt() {
                unlink(slot)
                if entries[slot].deadline <= currentTick {
                    entries[slot].scheduled = -1
                    count -= 1
                    return slot
                }
                link(slot)
            }
            guard currentTick < tick else { return nil }
            // With nothing in the wheel, empty ticks are skipped at once.
            let skip = count == 0 ? tick - currentTick : 1
            currentTick += skip
            takeBucket(of: currentTick)
        }
    }

    private static var pending: Int { Int(bucketCount) }

    private func firstToLookAt() -> Int? {
        let slot = buckets[TimerWheel.pending]
        return slot >= 0 ? Int(slot) : nil
    }

    private func bucket(of scheduled: Int64) -> Int {
        scheduled <= currentTick ? TimerWheel.pending : Int(scheduled & (TimerWheel.bucketCount - 1))
    }

    /// Moves a bucket's entries aside, so that entries put back into the same bucket are not examined twice.
    private mutating func takeBucket(of tick: Int64) {
        let index = Int(tick & (TimerWheel.bucketCount - 1))
        buckets[TimerWheel.pending] = buckets[index]
        buckets[index] = -1
    }

    private mutating func link(_ slot: Int) {
        let last = currentTick + TimerWheel.bucketCount - 1
        let scheduled = min(max(entries[slot].deadline, currentTick + 1), last)
        entries[slot].scheduled = scheduled
        let index = bucket(of: scheduled)
        let first = buckets[index]
        entries[slot].next = first
        entries[slot].previous = -1
        if first >= 0 { entries[Int(first)].previous = Int32(slot) }
        buckets[index] = Int32(slot)
    }

    private mutating func unlink(_ slot: Int) {
        let entry = entries[slot]
        if entry.next >= 0 { entries[Int(entry.next)].previous = entry.previous }
        if entry.previous >= 0 {
            entries[Int(entry.previous)].next = entry.next
        } else {
            buckets[bucket(of: entry.scheduled)] = entry.next
        }
    }
}

extension Clock {
    /// The unit of deadlines.
    package static let tickMilliseconds: Int64 = 100

    /// Returns the tick that contains a moment.
    static func tick(_ nanoseconds: Int64) -> Int64 { nanoseconds / (tickMilliseconds * 1_000_000) }
}
