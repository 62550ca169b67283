/// All measurements.
struct Run {
    let contenders: [Contender]
    let cells: [Cell]
    let options: Options
    /// For each cell and contender, by name, the outcomes in the order of the rounds.
    private(set) var outcomes: [Cell: [String: [Outcome]]] = [:]
    /// For each contender, by name, the share of one processor that it uses when idle.
    private(set) var idle: [String: Double] = [:]
    /// Measurements that were repeated because others used the machine.
    private(set) var repetitions = 0

    /// A measurement is repeated if other processes used more than this share of a processor.
    private static let tolerableDisturbance = 0.15
    private static let attempts = 4

    init(_ contenders: [Contender], _ cells: [Cell], _ options: Options) {
        self.contenders = contenders
        self.cells = cells
        self.options = options
    }

    /// Measures in rounds; in each round every cell, in each cell every contender, each time beginning with another,
    /// so that whatever changes on the machine meanwhile meets them all.
    mutating func measure(progress: (Int) -> Void) {
        for round in 0..<options.rounds {
            progress(round)
            for (place, cell) in cells.enumerated() {
                for turn in contenders.indices {
                    let contender = contenders[(turn + round + place) % contenders.count]
                    let outcome = undisturbed(contender, cell)
                    outcomes[cell, default: [:]][contender.name, default: []].append(outcome)
                }
            }
        }
        for contender in contenders { idle[contender.name] = contender.idle(options.idleMilliseconds) }
    }

    func median(_ cell: Cell, _ name: String) -> Outcome? {
        outcomes[cell]?[name].map(Outcome.median)
    }

    /// How many times as many jobs a second as another pool: the median of the rounds' ratios.
    func ratio(_ cell: Cell, of name: String, to other: String) -> Double? {
        guard let ours = outcomes[cell]?[name], let theirs = outcomes[cell]?[other] else { return nil }
        return zip(ours, theirs).map { $0.jobsPerSecond / $1.jobsPerSecond }.median
    }

    /// The first undisturbed outcome, or otherwise the least disturbed one.
    private mutating func undisturbed(_ contender: Contender, _ cell: Cell) -> Outcome {
        var best = contender.run(cell, options.milliseconds)
        for _ in 1..<Self.attempts where best.disturbance > Self.tolerableDisturbance {
            repetitions += 1
            let next = contender.run(cell, options.milliseconds)
            if next.disturbance < best.disturbance { best = next }
        }
        return best
    }
}
