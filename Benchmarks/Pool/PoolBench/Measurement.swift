import CMeter
import Glibc

/// Measures one kind of pool.
struct Measurement<Pool: JobPool> {
    let spinRoundsPerMicrosecond: UInt32

    /// One cell, with a pool of its own, for about so long.
    func run(_ cell: Cell, milliseconds: Int) -> Outcome {
        let pool = Pool()
        warmUp(pool)
        let rounds = UInt32(cell.work.microseconds) * spinRoundsPerMicrosecond
        let plan = Plan(cell: cell, spinRounds: rounds, milliseconds: milliseconds)
        let start = meter_now()
        let machineTime = meter_machine_time()
        let processorTime = meter_processor_time()
        let busyNanoseconds =
            switch cell.mode {
            case .burst: bursts(of: pool, plan)
            case .steady: single(plan) { Producer(pool: pool, plan: plan, number: $0).steady() }
            case .lone: single(plan) { Producer(pool: pool, plan: plan, number: $0).lone() }
            case .fork: trees(of: pool, plan)
            }
        let jobs = Double(plan.meter.total)
        let used = Double(meter_processor_time() - processorTime)
        let others = Double(meter_machine_time() - machineTime) - used
        let disturbance = others / Double(meter_now() - start)
        let waits = plan.waits
        pool.stop()
        return Outcome(
            jobsPerSecond: jobs * 1e9 / Double(busyNanoseconds), processorNanosecondsPerJob: used / jobs,
            p50: waits.quantile(0.5), p99: waits.quantile(0.99), p999: waits.quantile(0.999),
            disturbance: disturbance
        )
    }

    /// The share of one processor that a pool uses that has worked before and is idle now.
    func idle(milliseconds: Int) -> Double {
        let pool = Pool()
        warmUp(pool)
        usleep(100_000)
        let start = meter_now()
        let processorTime = meter_processor_time()
        usleep(UInt32(milliseconds) * 1_000)
        let share = Double(meter_processor_time() - processorTime) / Double(meter_now() - start)
        pool.stop()
        return share
    }

    /// Starts the threads.
    private func warmUp(_ pool: Pool) {
        let plan = Plan(
            cell: Cell(work: .empty, mode: .burst, producers: 1), spinRounds: spinRoundsPerMicrosecond, milliseconds: 0)
        plan.publish(Producer(pool: pool, plan: plan, number: 0).burst(), by: 0)
        waitForJobs(plan)
    }

    /// Lets the producers run to their end, and returns the time until the last job's.
    private func single(_ plan: Plan, _ produce: @escaping @Sendable (Int) -> Void) -> UInt64 {
        let start = meter_now()
        ThreadGroup(count: plan.cell.producers, produce).join()
        waitForJobs(plan)
        return plan.meter.endNanoseconds - start
    }

    /// Burst after burst; returns the sum of the times from the producers' start to the last job's end.
    private func bursts(of pool: Pool, _ plan: Plan) -> UInt64 {
        let barrier = Barrier(threads: plan.cell.producers + 1)
        let isOver = Flag()
        let group = ThreadGroup(count: plan.cell.producers) { number in
            var submitted = 0
            while true {
                barrier.wait()
                if isOver.isSet { return }
                submitted += Producer(pool: pool, plan: plan, number: number).burst()
                plan.publish(submitted, by: number)
                barrier.wait()
            }
        }
        var busyNanoseconds: UInt64 = 0
        while !plan.isOver {
            let start = meter_now()
            barrier.wait()
            barrier.wait()
            waitForJobs(plan)
            busyNanoseconds += plan.meter.endNanoseconds - start
            usleep(1_000)
        }
        isOver.set()
        barrier.wait()
        group.join()
        return busyNanoseconds
    }

    /// Tree after tree; returns the sum of the times from root to last leaf.
    private func trees(of pool: Pool, _ plan: Plan) -> UInt64 {
        var busyNanoseconds: UInt64 = 0
        var submitted = 0
        while !plan.isOver {
            let start = meter_now()
            submitted += Producer(pool: pool, plan: plan, number: 0).tree()
            plan.publish(submitted, by: 0)
            waitForJobs(plan)
            busyNanoseconds += plan.meter.endNanoseconds - start
        }
        return busyNanoseconds
    }

    /// Sleeps rather than yields, so as not to take a processor from the workers; the end is what the jobs say it is.
    private func waitForJobs(_ plan: Plan) {
        while plan.jobsUnderWay > 0 { usleep(plan.cell.work.pauseMicroseconds) }
    }
}

extension [UInt64] {
    /// The quantile of an ascending array; NaN if it is empty.
    func quantile(_ share: Double) -> Double {
        isEmpty ? .nan : Double(self[Swift.min(count - 1, Int(Double(count) * share))])
    }
}
