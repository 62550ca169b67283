/// What a byte of a source file is part of.
enum ByteKind {
    case code
    case comment
    /// A string or character literal with its delimiters, or a name in backticks.
    case literal
    /// A line for C's preprocessor, continuation lines included.
    case directive
}
