import HyperServe
import Reports

let server = try Server(router: reportRoutes(SeriesStore()), configuration: .init(port: 8080))
try server.run { print("listening on http://\(server.address!)") }
