import Glibc
import HyperServe
import Notes

guard let token = getenv("NOTES_TOKEN") else {
    print("set NOTES_TOKEN to the token that clients must send to write notes")
    exit(1)
}
let routes = noteRoutes(NoteStore(), token: String(cString: token))
let server = try Server(router: routes, configuration: .init(port: 8080))
try server.run { print("listening on http://\(server.address!)") }
