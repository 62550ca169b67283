import HTTPCore

extension Request {
    /// The header fields of a request, in the order in which they arrived. Names are compared without regard to case.
    public struct Headers: ~Copyable, @unchecked Sendable {
        // `@unchecked Sendable`, as the request is.
        let fields: FieldTable
        let head: HeadView

        /// Number of field lines.
        public var count: Int { fields.count }

        /// The value of a field, without the white space around it. The values of several field lines with this name
        /// are joined by ", ", as RFC 9110 section 5.3 allows. Nil if there is none.
        public subscript(name: String) -> String? {
            var joined: String?
            for field in fields where isNamed(field, name) {
                let value = head.string(field.value)
                joined = joined.map { "\($0), \(value)" } ?? value
            }
            return joined
        }

        /// Whether there is a field with this name. Does not copy anything.
        public func contains(_ name: String) -> Bool {
            fields.contains { isNamed($0, name) }
        }

        /// Calls `body` with the name, as it was sent, and the value of each field line.
        public func forEach(_ body: (_ name: String, _ value: String) throws -> Void) rethrows {
            for field in fields { try body(head.string(field.name), head.string(field.value)) }
        }

        /// Calls `body` with the value of each field line with this name. Does not copy anything.
        func forEachValue(of name: String, _ body: (RawSpan) -> Void) {
            for field in fields where isNamed(field, name) { head.withBytes(field.value, body) }
        }

        private func isNamed(_ field: FieldRange, _ name: String) -> Bool {
            head.equals(field.name, name)
        }
    }
}
