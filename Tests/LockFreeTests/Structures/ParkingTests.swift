import CLockFree
import LockFreeTestSupport
import Testing

@Suite("Parking")
struct ParkingTests {
    @Test("a wake-up between announcement and sleep is used instead of sleeping")
    func wakeupBeforeWait() throws {
        let parking = unsafe try #require(hs_parking_create())
        defer { unsafe hs_parking_destroy(parking) }
        // One thread plays both parts; the pointer is valid until `defer`.
        unsafe hs_parking_announce(parking)
        #expect(unsafe hs_parking_sleepers(parking) == 1)
        #expect(unsafe hs_parking_wake_one(parking))
        #expect(unsafe hs_parking_sleepers(parking) == 0, "it counts as awake before it runs")
        #expect(unsafe !hs_parking_wake_one(parking), "there is no sleeper left to wake")
        #expect(unsafe hs_parking_wait(parking, -1))
    }

    @Test("a wait ends without a wake-up when its time is over")
    func timeout() throws {
        let parking = unsafe try #require(hs_parking_create())
        defer { unsafe hs_parking_destroy(parking) }
        for timeout: Int64 in [0, 1, 1_000_000] {
            unsafe hs_parking_announce(parking)
            #expect(unsafe !hs_parking_wait(parking, timeout))
            #expect(unsafe hs_parking_sleepers(parking) == 0)
        }
        #expect(unsafe !hs_parking_wake_one(parking))
    }

    @Test("a thread that cancels leaves the wake-up to one that is still announced")
    func cancellation() throws {
        let parking = unsafe try #require(hs_parking_create())
        defer { unsafe hs_parking_destroy(parking) }
        unsafe hs_parking_announce(parking)
        unsafe hs_parking_announce(parking)
        #expect(unsafe hs_parking_wake_one(parking))
        #expect(unsafe !hs_parking_cancel(parking), "one of the two is not woken yet: that one leaves")
        #expect(unsafe hs_parking_wait(parking, -1), "the wake-up is still there for the other")
        unsafe hs_parking_announce(parking)
        #expect(unsafe hs_parking_wake_one(parking))
        #expect(unsafe hs_parking_cancel(parking), "all are woken: the wake-up was this thread's own")
        #expect(unsafe hs_parking_sleepers(parking) == 0)
    }

    @Test("waking all wakes as many as are announced")
    func all() throws {
        let parking = unsafe try #require(hs_parking_create())
        defer { unsafe hs_parking_destroy(parking) }
        #expect(unsafe hs_parking_wake_all(parking) == 0)
        for _ in 0..<3 { unsafe hs_parking_announce(parking) }
        #expect(unsafe hs_parking_wake_all(parking) == 3)
        for _ in 0..<3 { #expect(unsafe hs_parking_wait(parking, -1)) }
        unsafe hs_parking_announce(parking)
        #expect(unsafe !hs_parking_wait(parking, 0), "no wake-up is left over")
    }

    @Test("a wake-up ends the sleep, wherever between announcement and sleep it comes", arguments: [false, true])
    func wakeupOfSleeper(stopped: Bool) {
        #expect(hs_parking_wakeup_before_sleep(HS_PARKING_STEERED, stopped, 20 * nanosecondsPerSecond))
    }
}
