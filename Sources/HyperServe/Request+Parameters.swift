import HTTP1

extension Request {
    /// The parts of the path that the route's pattern names.
    @safe
    public struct Parameters: ~Copyable {
        // No more than four words, which a caller has room for when this view is lent to it.
        private let route: Int
        // Held by whoever holds the request, which this view is borrowed from.
        private let table: Unmanaged<RouteTable>
        /// The path alone.
        private let path: HeadText

        @unsafe
        init(route: Int, path: HeadText, table: Unmanaged<RouteTable>) {
            self.route = route
            self.path = path
            unsafe self.table = unsafe table
        }

        /// The value of `{name}` or `{name...}`, with its percent-encoding undone. Nil if the pattern has no such
        /// name. A decoded value may hold any character, a slash or a NUL included.
        public subscript(name: String) -> String? {
            let range = unsafe table._withUnsafeGuaranteedRef { table in
                path.withBytes(path.range) { table.parameter(name, route: route, path: $0) }
            }
            return range.map { path.decoded($0) }
        }
    }
}
