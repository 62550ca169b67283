import HTTPCore
import Routing

// A path to its route: what a match costs must not grow with the number of routes.
extension MeasuredOperation {
    static let routing = [10, 1_000, 10_000].map { routeCount in
        MeasuredOperation(name: "route-\(routeCount)") { repeatMatching(routeCount) }
    }

    /// Matches a path with a parameter, among routes half of which have one.
    private static func repeatMatching(_ routeCount: Int) -> (Int) -> Int {
        var builder = RouteTreeBuilder()
        do {
            for number in 0..<routeCount / 2 {
                try builder.add(method: .get, pattern: "/shop\(10_000 + number)/orders")
                try builder.add(method: .get, pattern: "/shop\(10_000 + number)/orders/{order}")
            }
        } catch {
            preconditionFailure("the patterns are valid and differ: \(error)")
        }
        let routes = builder.build()
        // Each path is as long as the others, and there are few enough for the processor's caches.
        let paths = (0..<4).map { Array("/shop\(10_000 + routeCount / 8 * $0)/orders/1234".utf8) }
        return { count in
            var sum = 0
            for turn in 0..<count {
                // The array lives for the call, and so does the span.
                let match = unsafe paths[turn & 3].withUnsafeBytes {
                    unsafe routes.match(method: .get, path: RawSpan(_unsafeBytes: $0), pathIsEncoded: false)
                }
                guard case .found(let route) = match else { preconditionFailure("the path has a route") }
                sum += route
            }
            return sum
        }
    }
}
