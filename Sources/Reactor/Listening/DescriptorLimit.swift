import CPlatform
import Glibc

/// How many files the process may have open, and how many of them are left to the rest of the program.
///
/// A program that has no descriptor left fails in places that nobody expects: the system's libraries open some when
/// they are used first, for a timer or a name, and some of them end the process if they can't. So connections never
/// take all. The kernel gives out the lowest number that is free; if a new connection's number is too high, all below
/// are in use, by whomever.
///
/// What is above stays unseen: a program that gives its files high numbers of its own choice, with `dup2` or `F_DUPFD`,
/// has as many fewer left. To see them, each number above would have to be looked at.
struct DescriptorLimit {
    /// Descriptors are numbered from 0 to below this.
    var count: Int

    static var current: DescriptorLimit {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return DescriptorLimit(count: .max)
        }
        return DescriptorLimit(count: Int(clamping: limit.rlim_cur))
    }

    /// Takes a descriptor that is of no other use. Not a file's: a sandbox may have none. -1 on failure.
    static func take() -> Int32 { eventfd(0, Int32(EFD_CLOEXEC)) }

    /// The lowest number that is free; `count` if the limit leaves none, nil if something else is missing.
    var lowestFree: Int? {
        let descriptor = DescriptorLimit.take()
        guard descriptor >= 0 else { return errno == EMFILE ? count : nil }
        _ = close(descriptor)
        return Int(descriptor)
    }

    /// Raises the soft limit to the hard one. A sandbox may forbid it; the limit then stays as it is.
    static func raise() -> DescriptorLimit {
        var limit = rlimit()
        if unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            limit.rlim_cur = limit.rlim_max
            _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        }
        return current
    }

    /// Descriptors that connections leave free: a sixteenth, but 16 to 1024, and no more than a quarter.
    var headroom: Int { min(max(16, min(count / 16, 1024)), count / 4) }

    /// The highest number that a connection may have.
    var highest: Int32 { Int32(clamping: count - headroom - 1) }

    /// The least limit with which a connection may have this number.
    static func least(for descriptor: Int) -> Int {
        var count = descriptor + 1
        while DescriptorLimit(count: count).highest < descriptor { count += 1 }
        return count
    }
}
