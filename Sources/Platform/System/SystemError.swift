import Glibc

/// A failed system call: the operation and its errno.
public struct SystemError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The name of the call or of the step.
    public let operation: String
    /// The value of `errno`.
    public let code: Int32

    public init(_ operation: String, code: Int32) {
        self.operation = operation
        self.code = code
    }

    /// An operation for which a resource is missing at the moment (EAGAIN).
    package init(unavailable operation: String) { self.init(operation, code: EAGAIN) }

    /// "bind: Address already in use (98)".
    public var description: String { "\(operation): \(SystemError.text(code)) (\(code))" }

    /// The C library's message for an errno.
    public static func text(_ code: Int32) -> String {
        // glibc's strerror returns memory of the calling thread, valid until its next call on that thread.
        guard let text = unsafe strerror(code) else { return "error" }
        return unsafe String(cString: text)
    }
}
