/// A target of fuzzing, with a rule that every input must keep.
enum FuzzTarget: String, CaseIterable {
    case head, chunks, routes, responses, connection, json, forms

    /// Returns how `input` breaks the rule, or nil. With `isPlanted` the subject gets a bug that only some inputs show,
    /// which proves that the rule and the search find bugs.
    func finding(in input: [UInt8], isPlanted: Bool = false) -> String? {
        switch self {
        case .head: HeadOracle.finding(in: input, isPlanted: isPlanted)
        case .chunks: ChunkOracle.finding(in: input, isPlanted: isPlanted)
        case .routes: RouteOracle.finding(in: input, isPlanted: isPlanted)
        case .responses: ResponseOracle.finding(in: input, isPlanted: isPlanted)
        case .connection: ConnectionOracle.finding(in: input, isPlanted: isPlanted)
        case .json: JSONOracle.finding(in: input, isPlanted: isPlanted)
        case .forms: FormOracle.finding(in: input, isPlanted: isPlanted)
        }
    }
}
