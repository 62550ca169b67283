import Glibc
import Platform
import TestSupport
import Testing

@Suite("The processor quota of control groups")
struct ProcessorQuotaTests {
    private static let unifiedMount = "30 23 0:27 / /cg rw,nosuid shared:4 master:1 - cgroup2 cgroup2 rw,nsdelegate\n"
    private static let controllerMount = "32 31 0:29 / /cg/cpu rw,relatime - cgroup cgroup rw,cpu,cpuacct\n"

    private func count(_ groups: String, _ mounts: String, _ files: [String: String]) throws -> Int? {
        let tree = try FixtureTree(["proc/self/cgroup": groups, "proc/self/mountinfo": mounts])
        let cgroups = try FixtureTree(files)
        return ProcessorQuota.processorCount(procfs: "\(tree.path)/proc", root: cgroups.path)
    }

    @Test(
        "of version 2 is rounded up to whole processors",
        arguments: [
            ("max 100000\n", nil), ("100000 100000\n", 1), ("100001 100000\n", 2), ("1 100000\n", 1),
            ("150000 100000\n", 2), ("400000 100000\n", 4), ("50000 10000\n", 5), ("1000", nil), ("0 100000\n", nil),
            ("100000 0\n", nil), ("-1 100000\n", nil), ("", nil), ("max\n", nil), ("1 1 1\n", nil), (" 1 1\n", nil),
            ("99999999999999999999 1\n", nil), ("999999999999999999 1\n", 999_999_999_999_999_999), ("+1 1\n", nil),
            ("0x10 1\n", nil), ("1\u{0} 1\n", nil),
        ] as [(String, Int?)])
    func unified(limit: String, expected: Int?) throws {
        #expect(try count("0::/a\n", Self.unifiedMount, ["cg/a/cpu.max": limit]) == expected)
    }

    @Test(
        "of version 1 is rounded up to whole processors",
        arguments: [
            ("-1\n", "100000\n", nil), ("50000\n", "100000\n", 1), ("250000\n", "100000\n", 3), ("0\n", "1\n", nil),
            ("100000\n", "0\n", nil), ("100000\n", "-1\n", nil), ("abc\n", "100000\n", nil), ("\n", "\n", nil),
        ] as [(String, String, Int?)])
    func controller(quota: String, period: String, expected: Int?) throws {
        let groups = "4:memory:/x\n3:cpu,cpuacct:/a\n2:cpuset:/y\n0::/\n"
        let files = ["cg/cpu/a/cpu.cfs_quota_us": quota, "cg/cpu/a/cpu.cfs_period_us": period]
        #expect(try count(groups, Self.controllerMount, files) == expected)
    }

    @Test("is the smallest of the process' group and of all groups around it", arguments: 0..<4)
    func nested(smallest: Int) throws {
        let folders = ["cg", "cg/a", "cg/a/b", "cg/a/b/c"]
        var files: [String: String] = [:]
        for (index, folder) in folders.enumerated() {
            files["\(folder)/cpu.max"] = index == smallest ? "200000 100000\n" : "800000 100000\n"
        }
        // A group beside them, and one below.
        files["cg/a/z/cpu.max"] = "1 100000\n"
        files["cg/a/b/c/d/cpu.max"] = "1 100000\n"
        #expect(try count("0::/a/b/c\n", Self.unifiedMount, files) == 2)
        files["\(folders[smallest])/cpu.max"] = "max 100000\n"
        #expect(try count("0::/a/b/c\n", Self.unifiedMount, files) == 8)
    }

    @Test("ends at the mount point, which may show a group of the hierarchy only")
    func mountedGroup() throws {
        let mount = "30 23 0:27 /docker/1 /cg rw - cgroup2 cgroup2 rw\n"
        let files = ["cg/cpu.max": "300000 100000\n", "cg/a/cpu.max": "200000 100000\n"]
        #expect(try count("0::/docker/1/a\n", mount, files) == 2)
        #expect(try count("0::/docker/1\n", mount, files) == 3)
        // The mount shows another group than the process' own, or the path leads out of the namespace.
        for path in ["/docker/10", "/docker", "/", "/../a", "/docker/1/../a", "a", ""] {
            #expect(try count("0::\(path)\n", mount, files) == nil, "\(path)")
        }
    }

    @Test("is the smaller one if both versions have one")
    func hybrid() throws {
        let files = [
            "cg/cpu.max": "300000 100000\n", "cg/cpu/cpu.cfs_quota_us": "200000\n",
            "cg/cpu/cpu.cfs_period_us": "100000\n",
        ]
        #expect(try count("1:cpu:/\n0::/\n", Self.controllerMount + Self.unifiedMount, files) == 2)
        #expect(try count("0::/\n", Self.controllerMount + Self.unifiedMount, files) == 3)
    }

    @Test("is found at a mount point with escaped bytes, and a group's name may contain colons")
    func escapedNames() throws {
        let mount = "30 23 0:27 / /c\\040g\\134 rw - cgroup2 cgroup2 rw\n"
        #expect(try count("0::/a:b c\n", mount, ["c g\\/a:b c/cpu.max": "200000 100000\n"]) == 2)
    }

    @Test(
        "does not exist if the kernel's lists are malformed, and nothing traps",
        arguments: [
            "", "\n", ":", "0", "30 23 0:27 / /cg rw - cgroup2 cgroup2", "30 23 0:27 / /cg rw cgroup2 cgroup2 rw x",
            "30 23 0:27 / cg rw - cgroup2 cgroup2 rw", "30 23 0:27 / /cg\\9 rw - cgroup2 cgroup2 rw",
            "30 23 0:27 / /cg\\ rw - cgroup2 cgroup2 rw", "30 23 0:27 / /cg\\400 rw - cgroup2 cgroup2 rw",
            "30 23 0:27 / /cg\\-17 rw - cgroup2 cgroup2 rw", "- - - - - - - - - - - -", "          ",
            "30 23 0:27 / /cg rw - tmpfs cgroup2 rw", "30 23 0:27 / /cg rw - cgroup cgroup rw,cpuset",
        ])
    func malformed(mounts: String) throws {
        #expect(try count("0::/\n1:cpu:/\n", mounts, ["cg/cpu.max": "100000 100000\n"]) == nil)
        #expect(try count(mounts, Self.unifiedMount, ["cg/cpu.max": "100000 100000\n"]) == nil)
        #expect(ProcessorQuota.processorCount(procfs: "/nowhere") == nil)
    }

    @Test("decides the number of threads if it is smaller than the number of processors, and there is always one")
    func threads() throws {
        let tree = try FixtureTree(["proc/self/status": "Cpus_allowed_list:\t0-3\n"])
        let topology = Topology(sysfs: "\(tree.path)/sys", procfs: "\(tree.path)/proc")
        #expect([nil, 1, 3, 4, 5, 0, -1, .max].map { topology.threadCount(quota: $0) } == [4, 1, 3, 4, 4, 1, 1, 4])
    }

    @Test("of this process is at least 1, if it has one, and so is the number of threads")
    func here() {
        #expect(ProcessorQuota.current.map { $0 >= 1 } != false)
        #expect((1...Topology.current.processorCount).contains(Topology.defaultThreadCount))
    }

    /// The folder of the `cpu` controller, if this process may create groups in it.
    private static let writableController = "/sys/fs/cgroup/cpu"

    @Test(
        "is read from groups of the kernel, where this process may create some",
        // The path is valid for the call, like those below.
        .enabled(if: unsafe access("\(writableController)/cpu.cfs_quota_us", W_OK) == 0))
    func kernel() throws {
        let name = "hyperserve-test-\(getpid())"
        let outer = "\(Self.writableController)/\(name)"
        guard unsafe mkdir(outer, 0o755) == 0 else { return }
        defer { unsafe rmdir(outer) }
        try #require(unsafe mkdir("\(outer)/inner", 0o755) == 0)
        defer { unsafe rmdir("\(outer)/inner") }
        let tree = try FixtureTree(["proc/self/cgroup": "1:cpu:/\(name)/inner\n"])
        try #require(unsafe symlink("/proc/self/mountinfo", "\(tree.path)/proc/self/mountinfo") == 0)
        let before = ProcessorQuota.processorCount(procfs: "\(tree.path)/proc")
        #expect(before == ProcessorQuota.current)
        try set("\(outer)/cpu.cfs_quota_us", "150000")
        #expect(ProcessorQuota.processorCount(procfs: "\(tree.path)/proc") == min(before ?? 2, 2))
        try set("\(outer)/inner/cpu.cfs_quota_us", "20000")
        #expect(ProcessorQuota.processorCount(procfs: "\(tree.path)/proc") == 1)
    }

    private func set(_ path: String, _ value: String) throws {
        guard let file = unsafe fopen(path, "w") else { throw FixtureTree.CannotWrite(path: path) }
        unsafe fputs(value, file)
        #expect(unsafe fclose(file) == 0)
    }
}
