import HTTPCore

extension Request {
    /// The path parameters: the parts of the path that the route's pattern names.
    @safe
    public struct Parameters: ~Copyable, @unchecked Sendable {
        /// A `Destination.packed`.
        private let destination: Int
        // Retained by the owner of the request, from which this view is borrowed.
        private let table: Unmanaged<RouteTable>
        private let path: HeadView

        // At most four words: yielding a larger view would allocate.
        @unsafe
        init(destination: Int, table: Unmanaged<RouteTable>, path: HeadView) {
            self.destination = destination
            unsafe self.table = unsafe table
            self.path = path
        }

        /// The value of `{name}` or `{name...}`, percent-decoded. Nil if the pattern has no such name. A decoded value
        /// may contain any character, including a slash and NUL.
        public subscript(name: String) -> String? {
            guard let route = Destination(packed: destination).matchedRoute else { return nil }
            let found = unsafe table._withUnsafeGuaranteedRef { table in
                path.withBytes { table.parameter(name, route: route, path: $0) }
            }
            return found.map { path.decoded($0) }
        }
    }
}
