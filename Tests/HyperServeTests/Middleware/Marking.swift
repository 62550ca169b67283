import HyperServe

/// Adds its name to the response's Trace field, before the names of the middlewares inside.
struct Marking: ResponseFilter {
    let name: String

    func after(_ request: borrowing Request, context: inout RequestContext, response: inout Response) {
        response.headers["Trace"] = name + (response.headers["Trace"] ?? "")
    }
}
