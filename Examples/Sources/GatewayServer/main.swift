import Gateway
import HyperServe

let routes = gatewayRoutes(quotas: Quotas(), requestsPerKey: 1000) { print($0) }
let server = try Server(router: routes, configuration: .init(port: 8080))
try server.run { print("listening on http://\(server.address!)") }
