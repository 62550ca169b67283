import HTTPCore

extension Request {
    /// The parts of the path that the route's pattern names.
    @safe
    public struct Parameters: ~Copyable {
        /// As `Destination.packed`.
        private let destination: Int
        // Held by whoever holds the request, which this view is borrowed from.
        private let table: Unmanaged<RouteTable>
        private let path: HeadText

        // In four words, or lending this view would allocate.
        @unsafe
        init(destination: Int, table: Unmanaged<RouteTable>, path: HeadText) {
            self.destination = destination
            unsafe self.table = unsafe table
            self.path = path
        }

        /// The value of `{name}` or `{name...}`, with its percent-encoding undone. Nil if the pattern has no such
        /// name. A decoded value may hold any character, a slash or a NUL included.
        public subscript(name: String) -> String? {
            guard let route = Destination(packed: destination).matchedRoute else { return nil }
            let found = unsafe table._withUnsafeGuaranteedRef { table in
                path.withBytes { table.parameter(name, route: route, path: $0) }
            }
            return found.map { path.decoded($0) }
        }
    }
}
