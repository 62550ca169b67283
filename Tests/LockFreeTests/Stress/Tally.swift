import LockFreeTestSupport

extension hs_tally {
    /// Whether every value came out exactly once and in order, and no thread was forgotten.
    var isSound: Bool {
        missing == 0 && repeated == 0 && invented == 0 && disordered == 0 && miscounted == 0 && forgotten == 0 && !stuck
    }
}

extension hs_load {
    /// `values` in all, shared by the producers.
    init(producers: UInt32, consumers: UInt32, values: UInt64, capacity: Int = 1_024, yieldsOneIn: UInt32 = 0) {
        self.init(
            producers: producers,
            consumers: consumers,
            values_each: values / UInt64(producers),
            capacity: capacity,
            yields_one_in: yieldsOneIn
        )
    }
}
