import CMeter

/// Counts jobs and keeps times; see `meter.h`.
final class Meter: @unchecked Sendable {
    // `@unchecked Sendable`: a constant pointer to atomics.

    /// For so many jobs a wait can be kept.
    static let slots = 131_072

    private let raw: OpaquePointer

    init() {
        guard let raw = meter_create(UInt32(Self.slots)) else { fatalError("out of memory") }
        self.raw = raw
    }

    deinit { meter_destroy(raw) }

    /// What jobs use: a copy counts no references, so that no pool is measured by the meter's reference count.
    var handle: Handle { Handle(raw: raw) }

    var total: Int { Int(meter_total(raw)) }
    var endNanoseconds: UInt64 { meter_end(raw) }

    func wait(_ slot: Int) -> UInt64 { meter_wait(raw, UInt32(slot)) }

    struct Handle: @unchecked Sendable {
        // `@unchecked Sendable`: a constant pointer to atomics, which the meter keeps alive until all jobs are done.
        fileprivate let raw: OpaquePointer

        func submitted(_ slot: Int32) { meter_submitted(raw, UInt32(slot)) }
        func started(_ slot: Int32) { meter_started(raw, UInt32(slot)) }
        func ended() { meter_ended(raw) }
        func count() { meter_count(raw) }
    }
}
