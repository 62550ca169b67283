import HTTPCore
import Routing
import Testing

@Suite("Sets of methods")
struct MethodSetTests {
    @Test("The Allow text lists the methods in a fixed order")
    func allowText() {
        let set: MethodSet = [MethodSet(.options), MethodSet(.post), MethodSet(.get)]
        #expect(set.description == "GET, POST, OPTIONS")
    }

    @Test("Every method is in the set of itself and in no other's")
    func singletons() {
        for method in Method.allCases {
            for other in Method.allCases { #expect(MethodSet(method).contains(other) == (method == other)) }
        }
        #expect(MethodSet().description == "")
    }
}
