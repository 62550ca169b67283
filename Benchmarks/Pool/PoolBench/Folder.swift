/// Where things are in the project's tree, found from where this file was compiled.
enum Folder {
    /// Four steps up from Benchmarks/Pool/PoolBench/Folder.swift.
    static let project = up(4, from: #filePath)

    private static func up(_ steps: Int, from path: String) -> String {
        path.split(separator: "/", omittingEmptySubsequences: false).dropLast(steps).joined(separator: "/")
    }
}
