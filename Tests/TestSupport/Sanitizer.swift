import Glibc

/// The sanitizer that this process was built with. Some tests can't do their work under one.
package enum Sanitizer: Equatable, Sendable {
    case address, thread

    /// Each sanitizer's runtime library defines its own function.
    package static let current: Sanitizer? =
        unsafe dlsym(nil, "__asan_init") != nil ? .address : dlsym(nil, "__tsan_init") != nil ? .thread : nil
}
