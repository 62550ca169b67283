import Glibc
import HyperServe
import TestSupport
import Testing

@Suite("The configuration of listeners")
struct ListenerConfigurationTests {
    private static let long = "/" + String(repeating: "a", count: 107)
    private static let invalid: [([ServerConfiguration.Listener], String)] = [
        ([.tcp(port: 0), .tcp(port: 65_536)], "listeners[1].port is 65,536; it is at least 0 and at most 65,535"),
        (
            [.tcp(host: "", port: 0)],
            "listeners[0].host is empty; \"0.0.0.0\" is every IPv4 address of the machine, \"::\" every address"
        ),
        ([.tcp(host: "a\0b", port: 0)], "listeners[0].host contains a zero byte"),
        ([.unix(path: "")], "listeners[0].path is empty"), ([.unix(path: "@")], "listeners[0].path is empty"),
        ([.unix(path: "a\0b")], "listeners[0].path contains a zero byte"),
        ([.unix(path: long)], "listeners[0].path has 108 bytes; it has at most 107"),
        ([.unix(path: "/a", mode: 0o1777)], "listeners[0].mode is 0o1777; it is at most 0o777"),
        ([.inherited(descriptor: -1)], "listeners[0].descriptor is -1; it is at least 0"),
        (
            [.unix(path: "/a"), .tcp(port: 0), .unix(path: "/a", mode: 0o600)],
            "listeners[2] is at the same address as listeners[0]"
        ),
        ([.tcp(port: 80), .tcp(port: 80)], "listeners[1] is at the same address as listeners[0]"),
    ]

    @Test("A value that is out of range is named when the server starts", arguments: invalid)
    func reports(listeners: [ServerConfiguration.Listener], reason: String) throws {
        var configuration = ServerConfiguration(port: -1)
        configuration.listeners = listeners
        let server = try Server(router: Router(), configuration: configuration)
        #expect(throws: ServerError.invalidConfiguration(reason)) { try server.start() }
    }

    @Test("Host and port are ignored with listeners, and ports that the kernel chooses differ")
    func instead() throws {
        var configuration = ServerConfiguration(host: "", port: -1)
        configuration.listeners = [.tcp(port: 0), .tcp(port: 0), .inherited(descriptor: 0), .unix(path: "/a", mode: 0)]
        try configuration.validate()
    }

    @Test("If a listener can't be opened, the others are closed, and the server can be started again")
    func startsAgain() async throws {
        let folder = TemporaryFolder()
        let (good, bad) = (folder.file("good.sock"), folder.file("bad.sock"))
        close(unsafe open(bad, O_CREAT | O_WRONLY | O_CLOEXEC, 0o600))
        var configuration = ServerConfiguration(threads: 2)
        configuration.listeners = [.unix(path: good), .unix(path: bad)]
        let server = try Server(router: Router(), configuration: configuration)
        let reason = ListenError.badAddress("\(bad) exists and is not a socket")
        #expect(throws: ServerError.cannotListen(reason)) { try server.start() }
        #expect(folder.names == ["bad.sock"])
        unsafe unlink(bad)
        try await server.start()
        #expect(folder.names == ["bad.sock", "good.sock"])
        try await onOwnThread { server.stop() }
        #expect(folder.names == [])
    }

    @Test("The path of a running server is an address in use")
    func living() async throws {
        let folder = TemporaryFolder()
        let path = folder.file("living.sock")
        var configuration = ServerConfiguration(threads: 1)
        configuration.listeners = [.unix(path: path)]
        let servers = try [Router(), Router()].map { try Server(router: $0, configuration: configuration) }
        try await servers[0].start()
        #expect(servers[0].addresses == [.unix(path: path)] && servers[0].port == nil && servers[0].address == nil)
        #expect(throws: ServerError.cannotListen(.addressInUse("unix:\(path)"))) { try servers[1].start() }
        try await onOwnThread { servers[0].stop() }
        try await servers[1].start()
        try await onOwnThread { servers[1].stop() }
        #expect(folder.names == [])
    }
}
