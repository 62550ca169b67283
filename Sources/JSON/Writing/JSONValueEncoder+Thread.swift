import Glibc

extension JSONValueEncoder {
    /// Returns `value` as JSON. Each thread has its own encoder, so little more than the bytes is allocated.
    package static func encodeOnThread(_ value: some Encodable) throws -> [UInt8] {
        let address = unsafe pthread_getspecific(key) ?? makeForThread()
        // The thread retains it until it ends.
        return try unsafe Unmanaged<JSONValueEncoder>.fromOpaque(address)._withUnsafeGuaranteedRef {
            try $0.encode(value)
        }
    }

    /// Returns `value` as JSON by the rules of `coding`, with the thread's encoder.
    package static func encodeOnThread(_ value: some Encodable, coding: ValueCoding) throws -> [UInt8] {
        let address = unsafe pthread_getspecific(key) ?? makeForThread()
        // The thread retains it until it ends.
        return try unsafe Unmanaged<JSONValueEncoder>.fromOpaque(address)._withUnsafeGuaranteedRef {
            try $0.encode(value, coding: coding)
        }
    }

    @inline(never)
    private static func makeForThread() -> UnsafeMutableRawPointer {
        let address = unsafe Unmanaged.passRetained(JSONValueEncoder()).toOpaque()
        let result = unsafe pthread_setspecific(key, address)
        precondition(result == 0, "no memory is left for thread-specific data")
        return unsafe address
    }

    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        let result = unsafe pthread_key_create(&key) { address in
            // Releases what `makeForThread` retained; the thread ends.
            unsafe Unmanaged<JSONValueEncoder>.fromOpaque(address!).release()
        }
        precondition(result == 0, "no key is left for thread-specific data")
        return key
    }()
}
