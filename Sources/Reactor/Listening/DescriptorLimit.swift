import CPlatform
import Glibc

/// The limit of open files of the process, and the part of it that is left to the rest of the program.
///
/// A program without a free descriptor fails in unexpected places: the system's libraries open descriptors at their
/// first use, for a timer or a name lookup, and some of them end the process on failure. So connections never take all.
/// The kernel assigns the lowest free number: if a new connection's number is too high, all lower ones are in use.
///
/// Descriptors with higher numbers are not noticed: a program that gives its files high numbers of its own choice, with
/// `dup2` or `F_DUPFD`, has as many fewer left. To find them, each higher number would have to be checked.
struct DescriptorLimit {
    /// The number of descriptors that the process may have, numbered from 0.
    var count: Int

    static var current: DescriptorLimit {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return DescriptorLimit(count: .max)
        }
        return DescriptorLimit(count: Int(clamping: limit.rlim_cur))
    }

    /// Opens a descriptor as a placeholder. It is not a file's, since a sandbox may have no files. Returns -1 on
    /// failure.
    static func take() -> Int32 { eventfd(0, Int32(EFD_CLOEXEC)) }

    /// The lowest free number; `count` if the limit leaves none, nil on any other failure.
    var lowestFree: Int? {
        let descriptor = DescriptorLimit.take()
        guard descriptor >= 0 else { return errno == EMFILE ? count : nil }
        _ = close(descriptor)
        return Int(descriptor)
    }

    /// Raises the soft limit to the hard one and returns it. A sandbox may forbid it; the limit then stays the same.
    static func raise() -> DescriptorLimit {
        var limit = rlimit()
        if unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            limit.rlim_cur = limit.rlim_max
            _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        }
        return current
    }

    /// The number of descriptors that connections leave free: a sixteenth, but 16 to 1024, and at most a quarter.
    var headroom: Int { min(max(16, min(count / 16, 1024)), count / 4) }

    /// The highest number that a connection may have.
    var highest: Int32 { Int32(clamping: count - headroom - 1) }

    /// Returns the lowest limit with which a connection may have this descriptor.
    static func least(for descriptor: Int) -> Int {
        var count = descriptor + 1
        while DescriptorLimit(count: count).highest < descriptor { count += 1 }
        return count
    }
}
