import Glibc
import HyperServe
import TestSupport
import Testing

/// The memory of the demo server and of its kernel structures.
@Suite("Demo server and its memory")
struct DemoServerMemoryTests {
    @Test("grows the kernel's table of descriptors before clients connect", arguments: [1024, 16_384])
    func growsDescriptorTable(limit: Int) throws {
        let demo = try DemoServer("--port=0", "--threads=1", descriptorLimit: limit)
        _ = try demo.port()
        // An inherited table may be larger.
        let size = Int(statusLine("FDSize:", of: demo.processID).split(separator: "\t").last ?? "") ?? 0
        #expect(size >= limit)
        demo.signal(SIGTERM)
        #expect(try demo.waitForExit() == 0)
    }

    @Test(
        "has no more memory than before once a wave of uploads is over",
        .enabled(if: Sanitizer.current == nil, "the sanitizers' allocators keep what is freed"),
        arguments: DriverKind.allCases)
    func givesMemoryBack(driver: DriverKind) throws {
        let demo = try DemoServer("--port=0", "--threads=1", "--driver", driver.rawValue)
        let port = try demo.port()
        #expect(try RawClient(port: port).get("/").status == 200)
        let head = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n"
        let upload = Array(head.utf8) + [UInt8](repeating: 0x61, count: 900_000)
        // The buffers of a first upload stay allocated.
        try RawClient(port: port).send(upload)
        let before = residentKibibytes(of: demo.processID)
        try {
            let clients = (0..<40).map { _ in RawClient(port: port) }
            for client in clients { try client.send(upload) }
            let isLarge = ProcessFiles.settled(-before - 30_000) { -residentKibibytes(of: demo.processID) }
            #expect(-isLarge > before + 30_000, "it stores what it has received")
        }()
        let after = ProcessFiles.settled(before + 8000) { residentKibibytes(of: demo.processID) }
        #expect(after <= before + 8000)
        demo.signal(SIGTERM)
        #expect(try demo.waitForExit() == 0)
    }

    private func residentKibibytes(of process: pid_t) -> Int {
        let line = statusLine("VmRSS:", of: process)
        return Int(line.split(whereSeparator: { !$0.isNumber }).first ?? "") ?? 0
    }

    /// A line of the kernel's status of a process.
    private func statusLine(_ name: String, of process: pid_t) -> String {
        let file = unsafe open("/proc/\(process)/status", O_RDONLY | O_CLOEXEC)
        defer { close(file) }
        let lines = String(decoding: readToEnd(of: file), as: UTF8.self).split(separator: "\n")
        return lines.first { $0.hasPrefix(name) }.map(String.init) ?? ""
    }
}
