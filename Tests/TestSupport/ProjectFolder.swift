/// Where the project lies, found from where this file was compiled.
package enum ProjectFolder {
    package static let path: String = {
        let thisFile = #filePath
        // Three steps up from Tests/TestSupport/ProjectFolder.swift.
        return thisFile.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
    }()
}
