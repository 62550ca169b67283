import Routing

/// Where a request goes: to a route, or, when there is none for it, to what the server says about its path.
///
/// The reactor keeps it, as one number, between the request's head and its response, so that a path is matched once.
/// Nothing else reads that number: whoever wants a route from it has to say what happens without one.
enum Destination: Equatable {
    /// The route with this number in its table.
    case route(Int)
    /// The path has routes for other methods; `example` is one of them. Its middlewares are those of the path.
    case methodNotAllowed(allowed: MethodSet, example: Int)
    /// The path is that of a route with a slash more, or less.
    case otherSlash(hasSlash: Bool)
    case notFound

    // The layout: a kind in the highest byte, then the methods, then a route's number.
    private static let kindShift = 56
    private static let methodShift = 32
    private static let numberMask = 0xFFFF_FFFF

    private enum Kind {
        static let route = 0
        static let methodNotAllowed = 1
        static let missingSlash = 2
        static let extraSlash = 3
        static let notFound = 4
    }

    /// The number that stands for it; that of a route is the route's own.
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

    /// What a number stands for. Any number that `packed` has not made is "not found".
    @inline(__always)
    init(packed: Int) {
        switch packed >> Self.kindShift {
        case Kind.route: self = .route(packed)
        case Kind.methodNotAllowed:
            let methods = UInt16(truncatingIfNeeded: packed >> Self.methodShift)
            self = .methodNotAllowed(allowed: MethodSet(rawValue: methods), example: packed & Self.numberMask)
        case Kind.missingSlash: self = .otherSlash(hasSlash: true)
        case Kind.extraSlash: self = .otherSlash(hasSlash: false)
        default: self = .notFound
        }
    }

    /// The route whose pattern the path matches, if there is one: the request's own, or that of another method.
    @inline(__always)
    var matchedRoute: Int? {
        switch self {
        case .route(let number), .methodNotAllowed(_, let number): number
        case .otherSlash, .notFound: nil
        }
    }
}
