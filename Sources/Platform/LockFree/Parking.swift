public import CLockFree

/// A place where threads without work sleep, and others wake exactly as many as needed: `hs_parking`. Its header
/// shows how both sides use it and why no wake-up is lost.
///
/// A thread announces itself, checks every source of work again, and then either cancels or waits.
@safe
public struct Parking: ~Copyable, @unchecked Sendable {
    // `@unchecked Sendable`: the C structure is made to be shared, and lives as long as this value, its only owner.
    @usableFromInline let parking: OpaquePointer

    package init() {
        unsafe parking = hs_parking_create().orOutOfMemory()
    }

    /// No thread may be announced or waiting.
    deinit { unsafe hs_parking_destroy(parking) }

    /// Announces that this thread is about to sleep. It must then call either `cancel` or `wait`, once.
    @inlinable package func announce() { unsafe hs_parking_announce(parking) }

    /// Withdraws the announcement. Returns true if this thread was woken already, which consumes that wake-up.
    @inlinable package func cancel() -> Bool { unsafe hs_parking_cancel(parking) }

    /// Sleeps until there is a wake-up for this thread, consumes it and returns true. Returns false after the timeout;
    /// there is none if it is `nil`. In both cases the thread is no longer announced.
    @inlinable @discardableResult package func wait(timeoutNanoseconds: Int64?) -> Bool {
        unsafe hs_parking_wait(parking, timeoutNanoseconds ?? -1)
    }

    /// Wakes one sleeper. Returns false if there is none, which costs one load.
    @inlinable @discardableResult package func wakeOne() -> Bool { unsafe hs_parking_wake_one(parking) }

    /// Wakes every sleeper.
    @inlinable package func wakeAll() { _ = unsafe hs_parking_wake_all(parking) }

    /// The number of threads that are announced and not yet woken: one sequentially consistent load.
    @inlinable package var sleepers: Int { unsafe hs_parking_sleepers(parking) }
}
