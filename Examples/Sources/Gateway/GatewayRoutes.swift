public import HyperServe
import Synchronization

/// Two hosts behind one front door: a shop's interface in two versions, with a quota for each key, and a page for those
/// who run it.
///
/// | host | route | |
/// |---|---|---|
/// | `api.example.com` | `GET /v1/products` | the names |
/// | | `GET /v2/products` | names and prices |
/// | `admin.example.com` | `GET /status` | what the gateway has done |
/// | | `POST /quotas/renewals` | gives every key its quota again |
public func gatewayRoutes(
    quotas: Quotas, requestsPerKey: Int, log: @escaping @Sendable (String) -> Void
) -> Router {
    let forAll = [accessLog(log), requestID(), securityHeaders()]
    let api = forAll + [onlyFor(host: "api.example.com"), quota(requestsPerKey, quotas)]
    let admin = forAll + [onlyFor(host: "admin.example.com")]
    let products = [Product(name: "bread", cents: 320), Product(name: "butter", cents: 249)]
    let served = Mutex(0)

    var router = Router()
    router.get(
        "/v1/products",
        handler: behind(api) { _ in
            served.withLock { $0 += 1 }
            return try .json(products.map(\.name))
        })
    router.get(
        "/v2/products",
        handler: behind(api) { _ in
            served.withLock { $0 += 1 }
            return try .json(products)
        })
    router.get("/status", handler: behind(admin) { _ in try .json(["served": served.withLock { $0 }]) })
    router.post(
        "/quotas/renewals",
        handler: behind(admin) { _ in
            quotas.renew()
            return .status(.noContent)
        })
    return router
}

/// What is for sale.
struct Product: Encodable {
    let name: String
    let cents: Int
}
