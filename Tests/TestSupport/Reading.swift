import Glibc

/// What is left to read from a file or a pipe.
package func readToEnd(of descriptor: Int32) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65536)
    while true {
        // The buffer outlives the call, and `read` is told its size.
        let count = unsafe chunk.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
        if count > 0 { bytes += chunk[..<count] }
        if count == 0 || (count < 0 && errno != EINTR) { return bytes }
    }
}
