import Glibc
import Platform
import Testing

@Suite("The topology in the kernel's files")
struct TopologyTests {
    private static let status = "Name:\tx\nCpus_allowed:\tff\nCpus_allowed_list:\t0-7\nMems_allowed_list:\t0\n"

    @Test("two NUMA nodes")
    func twoNodes() throws {
        let tree = try FixtureTree([
            "proc/self/status": Self.status,
            "sys/devices/system/cpu/online": "0-7\n",
            "sys/devices/system/node/online": "0-1\n",
            "sys/devices/system/node/node0/cpulist": "0-3\n",
            "sys/devices/system/node/node1/cpulist": "4-7\n",
        ])
        let topology = Topology(sysfs: "\(tree.path)/sys", procfs: "\(tree.path)/proc")
        #expect(topology.nodes.map(\.number) == [0, 1])
        #expect(topology.nodes.map(\.processors) == [[0, 1, 2, 3], [4, 5, 6, 7]])
        #expect(topology.processorCount == 8)
    }

    @Test("nodes whose numbers and processors have gaps")
    func gaps() throws {
        let tree = try FixtureTree([
            "proc/self/status": Self.status,
            "sys/devices/system/node/online": "0,8\n",
            "sys/devices/system/node/node0/cpulist": "0,2,4,6\n",
            "sys/devices/system/node/node8/cpulist": "1,3,5,7\n",
        ])
        let topology = Topology(sysfs: "\(tree.path)/sys", procfs: "\(tree.path)/proc")
        #expect(topology.nodes.map(\.number) == [0, 8])
        #expect(topology.nodes.map(\.processors) == [[0, 2, 4, 6], [1, 3, 5, 7]])
    }

    @Test("only processors that this process may use count, and nodes without any are omitted")
    func restricted() throws {
        let tree = try FixtureTree([
            "proc/self/status": "Cpus_allowed_list:\t5-6\n",
            "sys/devices/system/node/online": "0-1\n",
            "sys/devices/system/node/node0/cpulist": "0-3\n",
            "sys/devices/system/node/node1/cpulist": "4-7\n",
        ])
        let topology = Topology(sysfs: "\(tree.path)/sys", procfs: "\(tree.path)/proc")
        #expect(topology.nodes.map(\.number) == [1])
        #expect(topology.nodes.map(\.processors) == [[5, 6]])
    }

    @Test("a machine without NUMA is one node")
    func noNodes() throws {
        let tree = try FixtureTree(["proc/self/status": "Cpus_allowed_list:\t0-2\n"])
        let topology = Topology(sysfs: "\(tree.path)/sys", procfs: "\(tree.path)/proc")
        #expect(topology.nodes.map(\.processors) == [[0, 1, 2]])
    }

    @Test(
        "inconsistent nodes are ignored",
        arguments: ["nonsense", "", "0-1", "0-3,4", "3-0", "0-"])
    func nonsense(processors: String) throws {
        let tree = try FixtureTree([
            "proc/self/status": "Cpus_allowed_list:\t0-3\n",
            "sys/devices/system/node/online": "0-1\n",
            "sys/devices/system/node/node0/cpulist": "2-3\n",
            "sys/devices/system/node/node1/cpulist": "\(processors)\n",
        ])
        let topology = Topology(sysfs: "\(tree.path)/sys", procfs: "\(tree.path)/proc")
        let isBelieved = processors == "0-1"
        #expect(topology.nodes.map(\.processors) == (isBelieved ? [[2, 3], [0, 1]] : [[0, 1, 2, 3]]))
    }

    @Test("without a list of allowed processors, those that are online count")
    func online() throws {
        let tree = try FixtureTree(["sys/devices/system/cpu/online": "0-1,3\n"])
        let topology = Topology(sysfs: "\(tree.path)/sys", procfs: "\(tree.path)/proc")
        #expect(topology.nodes.map(\.processors) == [[0, 1, 3]])
    }

    @Test("without any of these files there is at least one processor")
    func nothing() {
        let topology = Topology(sysfs: "/nowhere/sys", procfs: "/nowhere/proc")
        #expect(topology.nodes.count == 1 && topology.processorCount >= 1)
    }

    @Test("the machine that runs this test has a processor for it")
    func here() {
        #expect(Topology.current.processorCount >= 1)
    }

    @Test(
        "lists of processors",
        arguments: [
            ("0", [0]), ("0-3", [0, 1, 2, 3]), ("0-1,4\n", [0, 1, 4]), ("7,3,3-4", [3, 4, 7]), ("\n", []), ("", []),
        ])
    func lists(text: String, numbers: [Int]) {
        #expect(ProcessorList.parse(text.utf8) == numbers)
    }

    @Test("malformed lists", arguments: ["-", "1-", "-1", "1,", ",1", "2-1", "a", "1-2-3", "65536", "1 2"])
    func notLists(text: String) {
        #expect(ProcessorList.parse(text.utf8) == nil)
    }
}
