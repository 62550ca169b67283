import Glibc
import Platform
import Testing

@Suite("A descriptor that is written to")
struct OutputDescriptorTests {
    private static func makePipe() throws -> (reader: Int32, writer: Int32) {
        var ends: [Int32] = [-1, -1]
        // Room for two descriptors.
        try #require(unsafe Glibc.pipe(&ends) == 0)
        return (ends[0], ends[1])
    }

    @Test("a pipe takes bytes while it has room, and a write says when its reader has gone, without a signal")
    func reader() throws {
        let pipe = try Self.makePipe()
        defer { close(pipe.writer) }
        let descriptor = OutputDescriptor(pipe.writer)
        let kind = descriptor.inspect().0
        #expect(kind == .other && descriptor.hasRoom(milliseconds: 0))
        guard case .written(3) = descriptor.write([1, 2, 3], as: kind) else {
            Issue.record("three bytes fit into an empty pipe")
            return
        }
        close(pipe.reader)
        let failure = OutputDescriptor.withoutSignals {
            guard case .failed(let error) = descriptor.write([1], as: kind) else { return nil }
            return error
        }
        #expect(failure == SystemError("write", code: EPIPE) && failure?.isBrokenPipe == true)
    }

    @Test("a pipe that is full has no room, and one that doesn't block says so")
    func full() throws {
        let pipe = try Self.makePipe()
        defer { for end in [pipe.reader, pipe.writer] { close(end) } }
        _ = fcntl(pipe.writer, F_SETFL, O_NONBLOCK)
        let descriptor = OutputDescriptor(pipe.writer)
        let piece = [UInt8](repeating: 1, count: OutputDescriptor.atomicByteCount)
        for _ in 0..<1024 {
            if case .full = descriptor.write(piece[...], as: .other) { break }
        }
        #expect(!descriptor.hasRoom(milliseconds: 1))
    }

    @Test("has the identity of what it refers to, which its copies share, and none once it is closed")
    func identity() throws {
        let pipe = try Self.makePipe()
        let other = try Self.makePipe()
        defer { for end in [pipe.reader, pipe.writer, other.reader, other.writer] { close(end) } }
        let copy = dup(pipe.writer)
        defer { close(copy) }
        let identity = OutputDescriptor(pipe.writer).inspect().1
        #expect(identity != nil && OutputDescriptor(copy).inspect().1 == identity)
        #expect(OutputDescriptor(other.writer).inspect().1 != identity)
        let (kind, none) = OutputDescriptor(-1).inspect()
        #expect(kind == .file && none == nil)
        guard case .failed(let error) = OutputDescriptor(-1).write([1], as: kind) else {
            Issue.record("nothing can be written to a closed descriptor")
            return
        }
        #expect(error.code == EBADF)
    }
}
