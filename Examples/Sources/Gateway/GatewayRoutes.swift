public import HyperServe
import Synchronization

/// Two hosts on one server: the API of a shop in two versions, with a quota for each key, and an administration API.
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
    let products = [Product(name: "bread", cents: 320), Product(name: "butter", cents: 249)]
    let served = Mutex(0)

    var router = Router()
    // The first is the outermost, and sees the responses of the others.
    router.use(AccessLines(write: log))
    router.use(RequestNames())
    router.use(CarefulBrowsers())

    router.host("api.example.com") { api in
        api.use(KeyQuota(limit: requestsPerKey, quotas: quotas))
        api.group("/v1") { version in
            version.get("/products") { _ in
                served.withLock { $0 += 1 }
                return try .json(products.map(\.name))
            }
        }
        api.group("/v2") { version in
            version.get("/products") { _ in
                served.withLock { $0 += 1 }
                return try .json(products)
            }
        }
    }

    router.host("admin.example.com") { admin in
        admin.get("/status") { _ in try .json(["served": served.withLock { $0 }]) }
        admin.post("/quotas/renewals") { _ in
            quotas.renew()
            return .status(.noContent)
        }
    }
    return router
}

/// A product of the shop.
struct Product: Encodable {
    let name: String
    let cents: Int
}
