import HTTPCore
import Routing
import Testing

@Suite("Sets of methods")
struct MethodSetTests {
    @Test("The Allow text lists the methods in a fixed order, other than the standard ones last")
    func allowText() throws {
        let set: MethodSet = [MethodSet(.options), MethodSet(.post), MethodSet(.get)]
        #expect(MethodTable().list(set) == "GET, POST, OPTIONS")
        var table = MethodTable()
        let isAdded = (["PURGE", .put, "LOCK", "PURGE"] as [Method]).map { table.add($0) }
        #expect(isAdded == [true, true, true, true])
        let lock = try #require(table.number(of: "LOCK"))
        let purge = try #require(table.number(of: "PURGE"))
        #expect(table.list(set.union(MethodSet(lock)).union(MethodSet(purge))) == "GET, POST, OPTIONS, PURGE, LOCK")
        #expect(table.list([]) == "")
    }

    @Test("Every method is in the set of itself and in no other's")
    func singletons() {
        var table = MethodTable()
        for method in ["PURGE", "LOCK"] as [Method] { _ = table.add(method) }
        for method in table.numbers {
            for other in table.numbers { #expect(MethodSet(method).contains(other) == (method == other)) }
            #expect(!MethodSet(method).contains(.other))
        }
    }

    @Test("A table has room for 22 methods that are not standard, and a builder refuses those that it doesn't have")
    func room() throws {
        var table = MethodTable()
        let methods = try (0..<22).map { try #require(Method("M\($0)")) }
        for method in methods {
            let isAdded = table.add(method)
            #expect(isAdded)
        }
        let isAdded = [table.add("M22"), table.add("M21"), table.add(.get)]
        #expect(isAdded == [false, true, true])
        #expect(MethodTable.maximumOtherCount == 22)
        var builder = RouteTreeBuilder(methods: table)
        for method in methods { try builder.add(method: method, pattern: "/") }
        #expect(throws: RouteError.tooManyMethods(method: "M22", maximum: 22)) {
            try builder.add(method: "M22", pattern: "/")
        }
        let tree = builder.build()
        for (number, method) in methods.enumerated() {
            let method = try #require(table.number(of: method))
            // The span is of bytes, which have no padding.
            let match = unsafe tree.match(method: method, path: Array("/".utf8).span.bytes, pathIsEncoded: false)
            #expect(match == .found(route: number))
        }
        guard case .methodNotAllowed(let allowed) = tree.match(.get, "/") else {
            Issue.record("GET has no route")
            return
        }
        #expect(table.list(allowed) == (["OPTIONS"] + (0..<22).map { "M\($0)" }).joined(separator: ", "))
    }

    @Test("Two routes of a method that is not standard conflict like others, and the message names it")
    func conflict() throws {
        var table = MethodTable()
        _ = table.add("PURGE")
        var builder = RouteTreeBuilder(methods: table)
        try builder.add(method: "PURGE", pattern: "/{a}")
        try builder.add(method: .get, pattern: "/{a}")
        #expect(throws: RouteError.conflict(method: "PURGE", pattern: "/{b}", existing: "/{a}")) {
            try builder.add(method: "PURGE", pattern: "/{b}")
        }
    }
}
