import Glibc
import TestSupport

/// The files of the project.
enum Repository {
    static let root = ProjectFolder.path

    /// Every file, without build products, results and the files of git.
    static let paths: [String] = paths(under: "")

    /// Every text file written by people: sources, scripts and documents.
    static let files: [SourceFile] = paths.filter(isWritten).sorted().compactMap { path in
        read(path).map { SourceFile(path: path, bytes: $0) }
    }

    static func sources(under folders: String...) -> [SourceFile] {
        files.filter { file in
            file.language != .other && folders.contains { file.path.hasPrefix($0 + "/") }
        }
    }

    /// The bytes of a file, or nil when there is none.
    static func read(_ path: String) -> [UInt8]? {
        // The path's bytes live for the call, which is as long as `open` reads them.
        let descriptor = unsafe open("\(root)/\(path)", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { _ = close(descriptor) }
        return readToEnd(of: descriptor)
    }

    private static func isWritten(_ path: String) -> Bool {
        let name = path.split(separator: "/").last ?? ""
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else {
            return name == "Makefile" || read(path)?.starts(with: "#!".utf8) ?? false
        }
        return ["swift", "c", "h", "md", "sh", "py", "go", "modulemap"].contains(name[dot...].dropFirst())
    }

    /// All files below a folder, without build products, results and the files of git.
    private static func paths(under folder: String) -> [String] {
        // The stream is closed at the end, and each entry is read before the next call replaces it.
        guard let stream = unsafe opendir("\(root)/\(folder)") else { return [] }
        defer { unsafe closedir(stream) }
        var paths: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            let isHidden = name.hasPrefix(".") && name != ".ci"
            if isHidden || name == "results" { continue }
            let path = folder.isEmpty ? name : "\(folder)/\(name)"
            let isFolder = unsafe entry.pointee.d_type == DT_DIR
            paths += isFolder ? Repository.paths(under: path) : [path]
        }
        return paths
    }
}

/// The rule for file systems that ignore case.
enum PathRules {
    /// The paths and folders that differ only by case, those that clash joined by commas.
    static func twins(in paths: [String]) -> [String] {
        var spellings: [String: Set<String>] = [:]
        for path in paths {
            var prefix = ""
            for name in path.split(separator: "/") {
                prefix += prefix.isEmpty ? String(name) : "/\(name)"
                spellings[prefix.lowercased(), default: []].insert(prefix)
            }
        }
        return spellings.values.filter { $0.count > 1 }.map { $0.sorted().joined(separator: ", ") }.sorted()
    }
}
