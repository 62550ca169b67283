import Routing

/// The result of routing a request: a route, or the reason why there is none.
///
/// The reactor keeps it, packed into one number, from the request's head to its response, so that a path is matched
/// only once. The number is read through this type alone, so that no reader can forget the cases without a route.
enum Destination: Equatable {
    /// The route with this number in its table.
    case route(Int)
    /// The path has routes for other methods only. `example` is one of them, whose middlewares wrap the response.
    case methodNotAllowed(allowed: MethodSet, example: Int)
    /// The path has a route if a slash is added at its end (`hasSlash`), or removed.
    case otherSlash(hasSlash: Bool)
    case notFound

    // The layout: a kind in the highest bits, then 32 bits for the methods, then 28 for a route's number.
    private static let kindShift = 60
    private static let methodShift = 28
    private static let numberMask = 0xFFF_FFFF

    private enum Kind {
        static let route = 0
        static let methodNotAllowed = 1
        static let missingSlash = 2
        static let extraSlash = 3
        static let notFound = 4
    }

    /// The destination as one number; for a route, the route's own number.
    var packed: Int {
        switch self {
        case .route(let number):
            number
        case .methodNotAllowed(let allowed, let example):
            Kind.methodNotAllowed << Self.kindShift | Int(allowed.rawValue) << Self.methodShift | example
        case .otherSlash(let hasSlash):
            (hasSlash ? Kind.missingSlash : Kind.extraSlash) << Self.kindShift
        case .notFound:
            Kind.notFound << Self.kindShift
        }
    }

    /// Unpacks a number. A number of an unknown kind is `notFound`.
    @inline(__always)
    init(packed: Int) {
        switch packed >> Self.kindShift {
        case Kind.route: self = .route(packed)
        case Kind.methodNotAllowed:
            let methods = UInt32(truncatingIfNeeded: packed >> Self.methodShift)
            self = .methodNotAllowed(allowed: MethodSet(rawValue: methods), example: packed & Self.numberMask)
        case Kind.missingSlash: self = .otherSlash(hasSlash: true)
        case Kind.extraSlash: self = .otherSlash(hasSlash: false)
        default: self = .notFound
        }
    }

    /// A route whose pattern matches the path, if there is one: the request's own, or one for another method.
    @inline(__always)
    var matchedRoute: Int? {
        switch self {
        case .route(let number), .methodNotAllowed(_, let number): number
        case .otherSlash, .notFound: nil
        }
    }
}
