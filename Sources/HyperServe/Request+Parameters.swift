import HTTP1
import Routing

extension Request {
    /// The parts of the path that the route's pattern names.
    public struct Parameters: ~Copyable {
        let route: Int
        let path: ByteRange
        let routes: RouteTree
        let text: HeadText

        /// The value of `{name}` or `{name...}`, with its percent-encoding undone. Nil if the pattern has no such
        /// name. A decoded value may hold any character, a slash or a NUL included.
        public subscript(name: String) -> String? {
            guard let range = text.withBytes(path, { routes.parameter(name, route: route, path: $0) })
            else { return nil }
            return text.decoded(
                ByteRange(start: path.lowerBound + range.lowerBound, end: path.lowerBound + range.upperBound))
        }
    }
}
