/// The processor time that control groups grant to this process (cgroups(7)), as in a container.
package enum ProcessorQuota {
    /// The number of processors that the quota of this process amounts to, at the first access; nil without a quota.
    package static let current = processorCount()

    /// The size up to which /proc/self/mountinfo is read: hosts of many containers have thousands of mounts.
    private static let maximumMountsByteCount = 4 << 20

    /// Reads the quotas of the process' own control group and of all groups around it, up to the mount point: the
    /// smallest applies. Rounded up to whole processors, so at least 1.
    ///
    /// Supports version 1 (`cpu.cfs_quota_us`), version 2 (`cpu.max`), and both at once. A file that is missing or
    /// malformed is no quota: this decides a default only.
    ///
    /// - Parameters:
    ///   - procfs: the folder with the process' own files, which tests replace.
    ///   - root: the folder that mount points are relative to, which tests replace.
    package static func processorCount(procfs: String = "/proc", root: String = "") -> Int? {
        guard let groups = SmallFile.contents(of: "\(procfs)/self/cgroup"),
            let mounts = SmallFile.contents(of: "\(procfs)/self/mountinfo", maximumByteCount: maximumMountsByteCount)
        else { return nil }
        let paths = ControlGroup.paths(in: groups)
        var fewest: Int?
        for mount in ControlGroup.Mount.all(in: mounts) {
            guard let path = paths[mount.version], let names = mount.names(below: path) else { continue }
            // From the mount point down to the group of the process.
            var folder = root + mount.point
            for name in [nil] + names.map(Optional.some) {
                if let name { folder += "/\(name)" }
                guard let count = mount.version.quota(of: folder) else { continue }
                fewest = min(fewest ?? count, count)
            }
        }
        return fewest
    }
}

/// The control group of this process, by /proc/self/cgroup and /proc/self/mountinfo.
private enum ControlGroup {
    /// The two kinds of hierarchies that can limit processor time.
    enum Version {
        /// The hierarchy of version 1 that has the `cpu` controller.
        case cpuController
        /// The one hierarchy of version 2.
        case unified

        /// The quota of the group with this folder, in processors; nil if it has none.
        func quota(of folder: String) -> Int? {
            switch self {
            case .cpuController:
                // -1, which is no number here, means that there is no quota.
                guard let quota = SmallFile.contents(of: "\(folder)/cpu.cfs_quota_us"),
                    let period = SmallFile.contents(of: "\(folder)/cpu.cfs_period_us")
                else { return nil }
                return Self.processors(number(Self.trimmed(quota)), per: number(Self.trimmed(period)))
            case .unified:
                // "max 100000", or quota and period in microseconds.
                guard let limit = SmallFile.contents(of: "\(folder)/cpu.max") else { return nil }
                let words = Self.trimmed(limit).split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
                guard words.count == 2 else { return nil }
                return Self.processors(number(words[0]), per: number(words[1]))
            }
        }

        private static func trimmed(_ line: [UInt8]) -> ArraySlice<UInt8> {
            line.last == UInt8(ascii: "\n") ? line.dropLast() : line[...]
        }

        /// The number of processors, rounded up.
        private static func processors(_ quota: Int?, per period: Int?) -> Int? {
            guard let quota, let period, quota > 0, period > 0 else { return nil }
            return (quota - 1) / period + 1
        }

        /// A decimal number of up to 18 digits, so that it can't overflow.
        private func number(_ digits: ArraySlice<UInt8>) -> Int? {
            guard (1...18).contains(digits.count) else { return nil }
            var number = 0
            for digit in digits {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
                number = number * 10 + Int(digit - UInt8(ascii: "0"))
            }
            return number
        }
    }

    /// The paths of the process' groups, from lines such as `4:cpu,cpuacct:/a/b` and, for version 2, `0::/a/b`.
    static func paths(in text: [UInt8]) -> [Version: [UInt8]] {
        var paths: [Version: [UInt8]] = [:]
        for line in text.split(separator: UInt8(ascii: "\n")) {
            // The path may contain colons.
            let parts = line.split(separator: UInt8(ascii: ":"), maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3, parts[2].first == UInt8(ascii: "/") else { continue }
            if parts[0].elementsEqual("0".utf8), parts[1].isEmpty {
                paths[.unified] = Array(parts[2])
            } else if hasWord("cpu", in: parts[1]) {
                paths[.cpuController] = Array(parts[2])
            }
        }
        return paths
    }

    /// A mounted hierarchy, or a part of one.
    struct Mount {
        let version: Version
        /// The group that is mounted.
        let root: [UInt8]
        /// Where it is mounted.
        let point: String

        /// The mounts that can have quotas, from lines such as
        /// `31 23 0:28 / /sys/fs/cgroup/cpu rw,relatime shared:9 - cgroup cgroup rw,cpu`; see proc_pid_mountinfo(5).
        static func all(in text: [UInt8]) -> [Mount] {
            text.split(separator: UInt8(ascii: "\n")).compactMap { line in
                let words = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
                // A hyphen ends the optional words, and three follow.
                guard words.count >= 10,
                    let hyphen = words.indices.dropFirst(6).first(where: { words[$0].elementsEqual("-".utf8) }),
                    words.count == hyphen + 4, let root = unescaped(words[3]), let point = unescaped(words[4])
                else { return nil }
                let isUnified = words[hyphen + 1].elementsEqual("cgroup2".utf8)
                let isCPU = words[hyphen + 1].elementsEqual("cgroup".utf8) && hasWord("cpu", in: words[hyphen + 3])
                guard isUnified || isCPU, root.first == UInt8(ascii: "/"), point.first == UInt8(ascii: "/"),
                    let path = String(validating: point, as: UTF8.self)
                else { return nil }
                return Mount(version: isUnified ? .unified : .cpuController, root: root, point: path)
            }
        }

        /// The folders that lead from the mount point to a group; nil if the group is not below it. A path with `..`
        /// leads out of the process' namespace, where nothing is known.
        func names(below path: [UInt8]) -> [String]? {
            let (all, above) = (Self.parts(path), Self.parts(root))
            guard all.starts(with: above) else { return nil }
            var names: [String] = []
            for part in all.dropFirst(above.count) {
                guard let name = String(validating: part, as: UTF8.self), name != "..", !part.contains(0) else {
                    return nil
                }
                names.append(name)
            }
            return names
        }

        private static func parts(_ path: [UInt8]) -> [ArraySlice<UInt8>] { path.split(separator: UInt8(ascii: "/")) }

        /// Replaces the escapes of spaces, tabs, line feeds and backslashes, such as `\040`; nil if one is malformed.
        private static func unescaped(_ word: ArraySlice<UInt8>) -> [UInt8]? {
            var result: [UInt8] = []
            var rest = word
            while let byte = rest.popFirst() {
                guard byte == UInt8(ascii: "\\") else {
                    result.append(byte)
                    continue
                }
                let digits = String(decoding: rest.prefix(3), as: UTF8.self)
                guard digits.utf8.count == 3, digits.first != "+", let value = UInt8(digits, radix: 8) else {
                    return nil
                }
                result.append(value)
                rest = rest.dropFirst(3)
            }
            return result
        }
    }

    /// Whether a list with commas contains a word.
    private static func hasWord(_ word: String, in list: ArraySlice<UInt8>) -> Bool {
        list.split(separator: UInt8(ascii: ",")).contains { $0.elementsEqual(word.utf8) }
    }
}
