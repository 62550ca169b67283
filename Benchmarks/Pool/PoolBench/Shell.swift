import Glibc

/// Other programs.
enum Shell {
    /// What a command writes to its standard output; `nil` when it fails.
    static func output(of command: String) -> String? {
        guard let stream = popen(command, "r") else { return nil }
        var output = ""
        var line = [CChar](repeating: 0, count: 4_096)
        while fgets(&line, Int32(line.count), stream) != nil {
            output += String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
        return pclose(stream) == 0 ? output : nil
    }
}
