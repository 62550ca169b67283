import Testing

@testable import HyperServe

@Suite("The server's configuration")
struct ConfigurationTests {
    @Test("Always leaves room to receive a whole head", arguments: [(0, 1000, 1000), (5000, 1000, 5000)])
    func headFits(pipelined: Int, head: Int, received: Int) {
        var configuration = ServerConfiguration(port: 0)
        configuration.maximumPipelinedByteCount = pipelined
        configuration.maximumHeadByteCount = head
        #expect(configuration.reactors.connections.inputHighWaterByteCount == received)
    }
}
