import HyperServe

/// Writes a line for each response.
struct AccessLines: ResponseFilter {
    let write: @Sendable (String) -> Void

    func after(_ request: borrowing Request, context: inout RequestContext, response: inout Response) {
        write("\(request.host) \(request.method) \(request.path) \(response.status.code)")
    }
}
