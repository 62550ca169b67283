public import CLockFree

/// Where threads without work sleep, and how others wake exactly as many as are needed: `hs_parking`, whose header
/// shows how both sides use it and why no wake-up is lost.
///
/// A thread announces itself, looks at every source of work again, and then either cancels or waits.
@safe
public struct Parking: ~Copyable, @unchecked Sendable {
    // `@unchecked Sendable`: the C structure is made to be shared, and lives as long as this value, its only owner.
    @usableFromInline let parking: OpaquePointer

    package init() {
        unsafe parking = hs_parking_create().orOutOfMemory()
    }

    /// No thread may be announced or waiting.
    deinit { unsafe hs_parking_destroy(parking) }

    /// Says that this thread is about to sleep. It must then call either `cancel` or `wait`, once.
    @inlinable package func announce() { unsafe hs_parking_announce(parking) }

    /// Takes the announcement back. True: this thread had been woken already, and has used up that wake-up.
    @inlinable package func cancel() -> Bool { unsafe hs_parking_cancel(parking) }

    /// Sleeps until a wake-up is there for this thread, and uses it: true. False: the time passed without one; `nil`
    /// never passes. Either way the thread is no longer announced.
    @inlinable @discardableResult package func wait(timeoutNanoseconds: Int64?) -> Bool {
        unsafe hs_parking_wait(parking, timeoutNanoseconds ?? -1)
    }

    /// Wakes one sleeper. False: there is none, and then it costs one load.
    @inlinable @discardableResult package func wakeOne() -> Bool { unsafe hs_parking_wake_one(parking) }

    /// Wakes every sleeper.
    @inlinable package func wakeAll() { _ = unsafe hs_parking_wake_all(parking) }

    /// The threads that are announced and not yet woken: one sequentially consistent load.
    @inlinable package var sleepers: Int { unsafe hs_parking_sleepers(parking) }
}
