/// A step of a middleware chain: functions of one middleware that are called together.
enum MiddlewareStage: Sendable {
    case request(any RequestFilter)
    case response(any ResponseFilter)
    case filter(any RequestFilter, any ResponseFilter)
    case stateful(any StatefulFilter)
    case errorMapping(ErrorMapping)
    case asyncRequest(any AsyncRequestFilter)
    case asyncFilter(any AsyncRequestFilter, any ResponseFilter)
    case async(any AsyncMiddleware)

    /// Whether its functions can be called in async code only.
    var isAsync: Bool {
        switch self {
        case .request, .response, .filter, .stateful, .errorMapping: false
        case .asyncRequest, .asyncFilter, .async: true
        }
    }

    /// The stages of a middleware, the outermost first. None if it has no part in requests.
    static func stages(of middleware: any Middleware) -> [MiddlewareStage] {
        if let mapping = middleware as? ErrorMapping { return [.errorMapping(mapping)] }
        var stages: [MiddlewareStage] = []
        let response = middleware as? any ResponseFilter
        // Not both of the first two; see `problem(of:)`.
        switch (middleware as? any RequestFilter, middleware as? any AsyncRequestFilter, response) {
        case (let request?, _, let response?): stages.append(.filter(request, response))
        case (let request?, _, nil): stages.append(.request(request))
        case (nil, let async?, let response?): stages.append(.asyncFilter(async, response))
        case (nil, let async?, nil): stages.append(.asyncRequest(async))
        case (nil, nil, let response?): stages.append(.response(response))
        case (nil, nil, nil): break
        }
        if let stateful = middleware as? any StatefulFilter { stages.append(.stateful(stateful)) }
        if let async = middleware as? any AsyncMiddleware { stages.append(.async(async)) }
        return stages
    }

    /// Why a middleware can't be used, or nil.
    static func problem(of middleware: any Middleware) -> String? {
        // One function that does not await is a witness of both.
        middleware is any RequestFilter && middleware is any AsyncRequestFilter
            ? "it is both a RequestFilter and an AsyncRequestFilter, so it is not clear which before to call" : nil
    }
}
