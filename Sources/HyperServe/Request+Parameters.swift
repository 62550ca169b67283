import HTTP1

extension Request {
    /// The parts of the path that the route's pattern names.
    @safe
    public struct Parameters: ~Copyable {
        private let route: Int
        private let path: ByteRange
        // Held by whoever holds the request, which this view is borrowed from.
        private let table: Unmanaged<RouteTable>
        private let text: HeadText

        @unsafe
        init(route: Int, path: ByteRange, table: Unmanaged<RouteTable>, text: HeadText) {
            self.route = route
            self.path = path
            unsafe self.table = unsafe table
            self.text = text
        }

        /// The value of `{name}` or `{name...}`, with its percent-encoding undone. Nil if the pattern has no such
        /// name. A decoded value may hold any character, a slash or a NUL included.
        public subscript(name: String) -> String? {
            let found = unsafe table._withUnsafeGuaranteedRef { table in
                text.withBytes(path) { table.parameter(name, route: route, path: $0) }
            }
            guard let range = found else { return nil }
            return text.decoded(
                ByteRange(start: path.lowerBound + range.lowerBound, end: path.lowerBound + range.upperBound))
        }
    }
}
