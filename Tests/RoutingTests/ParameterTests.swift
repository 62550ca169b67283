import HTTPCore
import Routing
import Testing

@Suite("Parameters of a matched path")
struct ParameterTests {
    @Test(
        "A value is found by its segment",
        arguments: [
            ("/users/{id}", "/users/42", "id", "42"), ("/{a}/{b}/{c}", "/1/22/333", "a", "1"),
            ("/{a}/{b}/{c}", "/1/22/333", "b", "22"), ("/{a}/{b}/{c}", "/1/22/333", "c", "333"),
            ("/{a}/", "/one/", "a", "one"), ("/f/{rest...}", "/f/a/b/", "rest", "a/b/"),
            ("/f/{rest...}", "/f/", "rest", ""), ("/{rest...}", "/", "rest", ""), ("/{rest...}", "", "rest", ""),
            ("/{a}/x/{rest...}", "/1/x/y//z", "rest", "y//z"), ("/d//{x}", "/d//1", "x", "1"),
            ("/{naïve}", "/1", "naïve", "1"), ("/{a-b_1}", "/1", "a-b_1", "1"),
        ])
    func values(pattern: String, path: String, name: String, value: String) throws {
        let routes = try tree("GET \(pattern)")
        #expect(routes.match(.get, path) == .found(route: 0))
        #expect(routes.value(of: name, route: 0, in: path) == value)
    }

    @Test("A name that the route does not have is nil")
    func unknownNames() throws {
        let routes = try tree("GET /{id}", "GET /{other}/x", "GET /none")
        for name in ["ID", "i", "idd", "", "other"] { #expect(routes.value(of: name, route: 0, in: "/1") == nil) }
        #expect(routes.value(of: "id", route: 2, in: "/none") == nil)
    }

    @Test("A path that is too short for the route has no values")
    func shortPath() throws {
        let routes = try tree("GET /a/b/{x}")
        #expect(routes.value(of: "x", route: 0, in: "/a/b") == nil)
        #expect(routes.value(of: "x", route: 0, in: "/") == nil)
    }

    @Test("Patterns of one shape can name their parameters differently for each method")
    func namesPerMethod() throws {
        let routes = try tree("GET /u/{id}", "POST /u/{name}")
        #expect(routes.value(of: "id", route: 0, in: "/u/1") == "1")
        #expect(routes.value(of: "name", route: 1, in: "/u/1") == "1")
        #expect(routes.value(of: "id", route: 1, in: "/u/1") == nil)
    }

    @Test("Routes keep their pattern and method")
    func listing() throws {
        let routes = try tree("GET /", "DELETE /{a}/b/{c}/{d...}")
        #expect([0, 1].map(routes.pattern) == ["/", "/{a}/b/{c}/{d...}"])
        #expect([0, 1].map(routes.method) == [.get, .delete])
    }
}
