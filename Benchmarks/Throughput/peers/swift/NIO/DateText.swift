import Glibc
import Synchronization

/// The Date field's value, put together once a second, as any server does that cares.
enum DateText {
    private static let cache = Mutex((second: time_t(-1), text: ""))

    static func current() -> String {
        let now = time(nil)
        return cache.withLock { cache in
            if cache.second != now { cache = (now, format(now)) }
            return cache.text
        }
    }

    private static func format(_ second: time_t) -> String {
        var second = second
        var parts = tm()
        gmtime_r(&second, &parts)
        var bytes = [CChar](repeating: 0, count: 32)
        strftime(&bytes, bytes.count, "%a, %d %b %Y %H:%M:%S GMT", &parts)
        return String(decoding: bytes.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
    }
}
