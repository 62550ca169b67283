import Glibc

/// The calling thread. Not inlined, because it must be read again after each `await`.
@inline(never)
func callingThread() -> UInt { UInt(pthread_self()) }

/// The name of the calling thread; for threads of the pool, without their number.
@inline(never)
func threadName() -> String {
    let descriptor = unsafe open("/proc/thread-self/comm", O_RDONLY | O_CLOEXEC)
    defer { _ = close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 16)
    // Into all of the array, which is longer than any name.
    let count = unsafe bytes.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
    let name = String(decoding: bytes.prefix(max(count - 1, 0)), as: UTF8.self)
    return name.hasPrefix("hs-block") ? "hs-block" : name
}
