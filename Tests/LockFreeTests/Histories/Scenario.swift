import LockFreeTestSupport

/// An operation that is stopped, and the operations that another thread carries out meanwhile.
struct Scenario: CustomStringConvertible {
    struct Verdict {
        /// All operations completed, and some order of them explains their results.
        var isSound: Bool
        /// The operation reached the point at which it was to be stopped.
        var wasReached: Bool
        /// Steals that reported a lost race.
        var lostRaces: Int
    }

    let capacity: Int
    let pushesBefore: UInt32
    let popsBefore: UInt32
    let stopped: hs_operation
    let point: hs_point
    /// Raw values of hs_operation.
    let moves: [UInt32]

    static let ofQueue: [Scenario] = {
        let stops: [(hs_operation, hs_point)] = [
            (HS_PUSH, HS_QUEUE_TAKES_NODE), (HS_PUSH, HS_QUEUE_LINKS), (HS_PUSH, HS_QUEUE_LINKED),
            (HS_POP, HS_QUEUE_MOVES_HEAD), (HS_POP, HS_QUEUE_MOVED_HEAD),
        ]
        return stops.flatMap { stopped, point in
            [(0, 0), (1, 0), (2, 1), (3, 0)].flatMap { pushes, pops in
                sequences(of: [HS_PUSH, HS_POP], length: 6).map {
                    Scenario(
                        capacity: 3, pushesBefore: pushes, popsBefore: pops, stopped: stopped, point: point, moves: $0)
                }
            }
        }
    }()

    static let ofDeque: [Scenario] = {
        let stops: [(hs_operation, hs_point, [hs_operation], Int)] = [
            // The owner continues while a thief is stopped; only thieves do while the owner is.
            (HS_STEAL, HS_DEQUE_STEALS, [HS_PUSH, HS_POP, HS_STEAL], 4),
            (HS_POP, HS_DEQUE_CLAIMED, [HS_STEAL], 3),
        ]
        return stops.flatMap { stopped, point, operations, length in
            [(1, 0), (2, 0), (2, 1), (1, 1)].flatMap { pushes, pops in
                sequences(of: operations, length: length).map {
                    Scenario(
                        capacity: 2, pushesBefore: pushes, popsBefore: pops, stopped: stopped, point: point, moves: $0)
                }
            }
        }
    }()

    var description: String {
        "\(pushesBefore) pushes, \(popsBefore) pops, operation \(stopped.rawValue) at \(point.rawValue), then \(moves)"
    }

    func verdict(onQueue build: hs_queue_build) -> Verdict {
        verdict(QueueModel(capacity: capacity)) { scenario, events in
            // The array has the length that the function requires, and is not used after the call.
            unsafe hs_queue_run_scenario(build, scenario, &events)
        }
    }

    func verdict(onDeque build: hs_deque_build) -> Verdict {
        verdict(DequeModel(capacity: capacity)) { scenario, events in
            // As above.
            unsafe hs_deque_run_scenario(build, scenario, &events)
        }
    }

    private func verdict(
        _ model: some SequentialModel,
        carryOut: (hs_scenario, inout [hs_event]) -> hs_scenario_result
    ) -> Verdict {
        var scenario = hs_scenario()
        scenario.capacity = capacity
        scenario.pushes_before = pushesBefore
        scenario.pops_before = popsBefore
        scenario.stopped = stopped
        scenario.point = point
        scenario.moves = moves.reversed().reduce(0) { $0 << 2 | $1 }
        scenario.move_count = UInt32(moves.count)
        var events = [hs_event](repeating: hs_event(), count: Int(HS_SCENARIO_EVENTS_MAX))
        let result = carryOut(scenario, &events)
        let history = events.prefix(result.event_count)
        var linearization = Linearization(of: history, model: model)
        return Verdict(
            isSound: result.others_completed && !result.stuck && linearization.exists(),
            wasReached: result.reached,
            lostRaces: history.count { $0.outcome == HS_LOST }
        )
    }

    private static func sequences(of operations: [hs_operation], length: Int) -> [[UInt32]] {
        (0..<length).reduce([[]]) { sequences, _ in
            sequences.flatMap { sequence in operations.map { sequence + [UInt32($0.rawValue)] } }
        }
    }
}
