// The cost of single operations: `micro` times all of them, `micro NAME COUNT` only repeats one, for callgrind to count
// (see the script `count`), and `micro list` lists those that can be counted. `micro threads` checks on which threads
// handlers run.

import Glibc

let arguments = CommandLine.arguments.dropFirst()
let operations =
    MeasuredOperation.parsing + MeasuredOperation.routing + MeasuredOperation.encoding + MeasuredOperation.requests
    + MeasuredOperation.lockFree

switch (arguments.first, arguments.count) {
case (nil, _):
    print(
        "nanoseconds for one, of \(Timing.roundCount) rounds".padded(to: 40) + "median".leading(10)
            + "least".leading(10))
    for operation in operations { Timing.report(operation) }
case ("list", 1):
    for operation in operations where operation.isCountable { print(operation.name) }
case ("threads", 1):
    do {
        print("\(try await ThreadCheck.run()) places are on the right thread")
    } catch {
        print("\(error)")
        exit(1)
    }
case (let name?, 2):
    guard let operation = operations.first(where: { $0.name == name }), let count = Int(arguments.last ?? "") else {
        fallthrough
    }
    // Printed, so that the work can't be optimized away.
    print(operation.prepare()(count))
default:
    print("usage: micro [list | threads | NAME COUNT]")
}
