/// The order of the folders of `Reactor`.
enum Folders {
    /// The types that files may use although a later folder declares them.
    static let exceptions: Set<String> = ["ReactorContext", "ReactorMailbox"]

    /// The folders that the table in a document lists, in its order.
    static func listed(in document: String) -> [String] {
        document.split(separator: "\n").filter { $0.hasPrefix("| `") }.map { String($0.split(separator: "`")[1]) }
    }

    /// The uses of types that only folders after the file's own declare.
    static func violations(in files: [SourceFile], order: [String]) -> [Violation] {
        // The first folder that declares a type of that name.
        var owners: [String: Int] = [:]
        let places = files.map { file in order.firstIndex(of: folder(of: file)) }
        for case (let file, let place?) in zip(files, places) {
            for name in declaredTypes(in: file) { owners[name] = min(owners[name] ?? place, place) }
        }
        return zip(files, places).flatMap { file, place in
            guard let place else { return [file.violation(1, "\(folder(of: file)) is not listed")] }
            return file.tokens.filter { owners[$0.text] ?? 0 > place && !exceptions.contains($0.text) }
                .map { file.violation($0.line, "\(order[place]) uses \($0.text) of \(order[owners[$0.text] ?? 0])") }
        }
    }

    private static func folder(of file: SourceFile) -> String {
        String(file.path.split(separator: "/").dropLast().last ?? "")
    }

    /// The names of the types that a file declares outside of all others.
    private static func declaredTypes(in file: SourceFile) -> [String] {
        let keywords = ["class", "enum", "protocol", "struct", "typealias"]
        var depth = 0
        return file.tokens.indices.dropLast().compactMap { index in
            switch file.tokens[index].text {
            case "{": depth += 1
            case "}": depth -= 1
            case let text where depth == 0 && keywords.contains(text): return file.tokens[index + 1].text
            default: break
            }
            return nil
        }
    }
}
