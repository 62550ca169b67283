import Glibc

/// How hard to try. HYPERSERVE_STRESS=long is the proof; without it, the tests take a few seconds.
enum Stress {
    static let isLong: Bool = {
        // The environment is not changed while tests run, and the text is compared at once.
        guard let value = unsafe getenv("HYPERSERVE_STRESS") else { return false }
        return unsafe strcmp(value, "long") == 0
    }()
}
