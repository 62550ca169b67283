import Glibc

/// One of the threads that submit.
struct Producer<Pool: JobPool>: Sendable {
    let pool: Pool
    let plan: Plan
    let number: Int

    /// Submits this producer's share of a burst; returns how many that is.
    func burst() -> Int {
        let share = plan.cell.work.burst / plan.cell.producers
        plan.withSampler(of: number) { sampler in
            for index in 0..<share { submit(isMarker: index >= share - 4, &sampler) }
        }
        return share
    }

    /// Submits until the end of the measurement, no further ahead of the workers than the window.
    func steady() {
        var submitted = 0
        plan.withSampler(of: number) { sampler in
            while !plan.isOver {
                for index in 0..<16 { submit(isMarker: index == 0, &sampler) }
                submitted += 16
                plan.publish(submitted, by: number)
                while plan.jobsUnderWay > plan.cell.work.window { usleep(plan.cell.work.pauseMicroseconds) }
            }
        }
    }

    /// Submits one job after the other, each to a pool that has had time to fall asleep.
    func lone() {
        var submitted = 0
        plan.withSampler(of: number) { sampler in
            while !plan.isOver {
                submit(isMarker: true, &sampler)
                submitted += 1
                plan.publish(submitted, by: number)
                usleep(200)
            }
        }
    }

    /// Submits a tree; returns how many jobs it has.
    func tree() -> Int {
        let depth = ForkTask<Pool>.rootDepth
        let pool = Unmanaged.passUnretained(self.pool)
        self.pool.submit(ForkTask(meter: plan.meter.handle, pool: pool, depth: depth, number: 0))
        return 1 << (Int(depth) + 1) - 1
    }

    private func submit(isMarker: Bool, _ sampler: inout Sampler) {
        let meter = plan.meter.handle
        let slot = sampler.next()
        if slot >= 0 { meter.submitted(slot) }
        pool.submit(SpinTask(meter: meter, spinRounds: plan.spinRounds, slot: slot, isMarker: isMarker))
    }
}
