"""The workloads of the throughput tests."""

import dataclasses

import contenders
import load

# The servers of workloads that would take too long with all.
FEWEST = (contenders.FLOOR, contenders.HYPERSERVE, contenders.HYPERSERVE_EPOLL, contenders.NGINX)
FEW = FEWEST + (contenders.GO, contenders.NIO)
RIVALS = FEW + (contenders.HUMMINGBIRD,)
DIRECT_OR_NOT = (contenders.FLOOR, contenders.FLOOR_DIRECT)
ONE_OR_TWO = (contenders.HYPERSERVE, contenders.TWO_REACTORS)


@dataclasses.dataclass
class Workload:
    """One generator's run against one server. `quick` ones are part of the short run."""

    name: str
    path: str = "/"
    connections: int = 64
    # The requests of wrk.lua: get, post, pipelined, closing, some.
    mode: str = "get"
    # How the floor closes connections: "" is never.
    closing: str = ""
    # Connections that are open and idle meanwhile.
    idle: int = 0
    # A fixed rate of requests a second, from the open-loop generator; a string is a share of a peak.
    rate: object = None
    quick: bool = False
    # The workloads that most depends on: all servers, and every round that is asked for. Others may get fewer.
    is_first: bool = False
    # The servers if none is named: () is all.
    servers: tuple = ()
    # Of its core that each reactor may use, so that the generator isn't the limit; None is what --share says.
    share: float = None
    # Whether server and generator share both cores.
    on_both_cores: bool = False

    def run(self, server, options, core, rate=None):
        if self.rate is not None:
            return load.run_open_loop(server, self.path, core, self.connections, options.seconds, rate)
        return load.run_wrk(server.url(self.path), core, self.connections, options.seconds, self.mode)

    def asks(self, contender, is_everybody_asked):
        """Whether the server takes part: it has the path, and it was named or none was."""
        if self.path not in contender.paths:
            return False
        if contender.is_only_named:
            return contender.name in self.servers
        return is_everybody_asked or not self.servers or contender.name in self.servers


GET, JSON, POST = "GET, 64 connections", "JSON, 64 connections", "POST 1 KiB echoed, 64 connections"
HIGH_LOAD, PIPELINED = "high load: GET, 500 connections", "pipelined × 16, 64 connections"
CLOSING = "a connection per request, 500 at once"
MANY, IDLE = "GET, 4,000 connections", "10,000 idle, 64 busy"
FIXED_RATE = "open loop: 26,430/s, 500 connections"
COMPUTING = "computing 0.2 ms a request, both cores"
SPREAD = "GET, 64 connections, both cores, 0.3 of a core a reactor"
# The same with less of a core, where the generator's core is full before the server's is.
LIMITED = {
    GET: "GET, 64 connections, half a core",
    JSON: "JSON, 64 connections, half a core",
    POST: "POST 1 KiB echoed, 64 connections, half a core",
    HIGH_LOAD: "high load: GET, 500 connections, half a core",
    PIPELINED: "pipelined × 16, 64 connections, half a core",
    CLOSING: "a connection per request, 500 at once, a fifth of a core",
    MANY: "GET, 4,000 connections, half a core",
    IDLE: "10,000 idle, 64 busy, half a core",
}

ALL = [
    Workload(GET, quick=True, is_first=True),
    Workload(JSON, "/json", quick=True, is_first=True),
    Workload(POST, "/echo", mode="post", quick=True, is_first=True),
    Workload(HIGH_LOAD, connections=500, quick=True, is_first=True),
    Workload(PIPELINED, mode="pipelined", quick=True, is_first=True),
    Workload(CLOSING, connections=500, mode="closing", closing="always", quick=True, is_first=True),
    Workload(FIXED_RATE, connections=500, rate=26_430, is_first=True),
    Workload(LIMITED[GET], share=0.5, servers=RIVALS),
    Workload(LIMITED[JSON], "/json", share=0.5, servers=RIVALS),
    Workload(LIMITED[POST], "/echo", mode="post", share=0.5, servers=RIVALS),
    Workload(LIMITED[HIGH_LOAD], connections=500, share=0.5, servers=RIVALS),
    Workload(LIMITED[PIPELINED], mode="pipelined", share=0.5, servers=FEW),
    Workload(LIMITED[CLOSING], connections=500, mode="closing", closing="always", share=0.2, servers=FEW),
    Workload(LIMITED[MANY], connections=4000, share=0.5, servers=FEWEST),
    Workload(LIMITED[IDLE], idle=10_000, share=0.5, servers=FEWEST),
    Workload(MANY, connections=4000, servers=FEW),
    Workload(IDLE, idle=10_000, servers=FEW),
    Workload(COMPUTING, "/compute", on_both_cores=True,
             servers=(*ONE_OR_TWO, contenders.HYPERSERVE_POOL, contenders.GO, contenders.GO_TWO_CORES)),
    Workload(SPREAD, share=0.3, on_both_cores=True, servers=ONE_OR_TWO),
    Workload("GET, 1 connection", connections=1, servers=FEW),
    Workload("GET, 256 connections", connections=256, servers=FEW),
    Workload("GET, 1,000 connections", connections=1000, servers=FEW),
    Workload("10 requests a connection, 64 at once", mode="some", closing="asked", servers=FEW),
    Workload("10 KiB, 64 connections", "/10k", servers=FEW),
    Workload("1 MiB, 64 connections", "/1m", servers=FEW),
    Workload("streamed 64 KiB, 64 connections", "/stream", servers=FEW),
    Workload("blocking 1 ms, 64 connections", "/blocking", servers=FEW),
    Workload("direct descriptors: GET, 64 connections", servers=DIRECT_OR_NOT),
    Workload("direct descriptors: a connection per request, 500 at once", connections=500, mode="closing",
             closing="always", servers=DIRECT_OR_NOT),
    Workload("open loop: 25 % of the peak, 64 connections", rate="25 %", servers=FEW),
    Workload("open loop: 50 % of the peak, 64 connections", rate="50 %", servers=FEW),
    Workload("open loop: 75 % of the peak, 64 connections", rate="75 %", servers=FEW),
    Workload("open loop: 90 % of the peak, 64 connections", rate="90 %", servers=FEW),
]
PEAK = GET


def choose(pattern, quick):
    """Those that a person asked for, by a part of the name, or by several with | between them."""
    if not pattern:
        return [workload for workload in ALL if workload.quick or not quick]
    parts = [part.strip() for part in pattern.split("|")]
    return [workload for workload in ALL if any(part in workload.name for part in parts)]
