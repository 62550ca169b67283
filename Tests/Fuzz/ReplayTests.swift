import Glibc
import Testing

@Suite("The inputs of the fuzzing corpus")
struct ReplayTests {
    @Test("keep the target's rule", arguments: FuzzTarget.allCases)
    func replay(target: FuzzTarget) {
        let corpus = Corpus.inputs(of: target)
        #expect(!corpus.isEmpty)
        for (name, input) in corpus {
            let finding = target.finding(in: input)
            #expect(finding == nil, "\(target.rawValue)/\(name)")
        }
    }

    @Test("keep the rule when they are truncated", arguments: FuzzTarget.allCases)
    func prefixes(target: FuzzTarget) {
        for (name, input) in Corpus.inputs(of: target) {
            for count in [input.count / 3, input.count / 2, input.count * 2 / 3] {
                let finding = target.finding(in: Array(input.prefix(count)))
                #expect(finding == nil, "\(target.rawValue)/\(name), first \(count) bytes")
            }
        }
    }
}

/// The inputs stored beside this file.
enum Corpus {
    static func inputs(of target: FuzzTarget) -> [(name: String, bytes: [UInt8])] {
        let file = #filePath
        let root = file.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        let folder = "\(root)/corpus/\(target.rawValue)"
        // The stream is closed at the end, and each entry is read before the next call replaces it.
        guard let stream = unsafe opendir(folder) else { return [] }
        defer { unsafe closedir(stream) }
        var inputs: [(name: String, bytes: [UInt8])] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if !name.hasPrefix(".") { inputs.append((name, read("\(folder)/\(name)"))) }
        }
        return inputs.sorted { $0.name < $1.name }
    }

    private static func read(_ path: String) -> [UInt8] {
        // The path is valid for the call, and the count is the buffer's size.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        defer { _ = close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 65536)
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
        return Array(bytes.prefix(max(0, count)))
    }
}
