/// The options on the command line.
struct Options {
    static let usage = """
        usage: pool-bench [--quick] [--rounds N] [--milliseconds N] [--cells TEXT] [--pools TEXT] [--json PATH]

          --quick          one round of short measurements, in half a minute
          --rounds         how often everything is measured; the figures are medians (5)
          --milliseconds   the length of one measurement (200)
          --cells          only cells whose name contains the text, as in "empty, steady"
          --pools          only pools whose name is in the text, as in "HyperServe mutex"
          --json           where to write all figures (results/pool.json in the project's folder)
        """

    var rounds = 5
    var milliseconds = 200
    var idleMilliseconds = 2_000
    var cells = ""
    var pools: [String]?
    var jsonPath = Folder.project + "/results/pool.json"

    /// Returns `nil` if help is requested or the arguments are invalid.
    init?(_ arguments: [String]) {
        var rest = arguments[...]
        while let name = rest.popFirst() {
            if name == "--quick" {
                rounds = 1
                milliseconds = 100
                idleMilliseconds = 500
                continue
            }
            guard let value = rest.popFirst() else { return nil }
            switch name {
            case "--rounds":
                guard let number = Int(value), number > 0 else { return nil }
                rounds = number
            case "--milliseconds":
                guard let number = Int(value), number > 0 else { return nil }
                milliseconds = number
            case "--cells": cells = value
            case "--pools": pools = value.split(separator: " ").map(String.init)
            case "--json": jsonPath = value
            default: return nil
            }
        }
    }
}
