"""What is asked of the servers: the throughput tests' workloads."""

import dataclasses

import load


@dataclasses.dataclass
class Workload:
    """One generator's run against one server. `quick` ones are part of the short run."""

    name: str
    path: str = "/"
    connections: int = 64
    # What wrk.lua sends: get, post, pipelined, closing, some.
    mode: str = "get"
    # How the floor closes connections: "" is never.
    closing: str = ""
    # Connections that are open and idle meanwhile.
    idle: int = 0
    # A fixed rate of requests a second, from the open-loop generator; a string is a share of a peak.
    rate: object = None
    quick: bool = False
    # Who is left out although it could answer: too slow to end in time.
    without: tuple = ()

    def run(self, server, options, rate=None):
        if self.rate is not None:
            return load.run_open_loop(server, self.path, options.load_core, self.connections, options.seconds, rate)
        return load.run_wrk(
            server.url(self.path), options.load_core, self.connections, options.seconds, self.mode)


ALL = [
    Workload("GET, 64 connections", quick=True),
    Workload("JSON, 64 connections", "/json", quick=True),
    Workload("POST 1 KiB echoed, 64 connections", "/echo", mode="post", quick=True),
    Workload("high load: GET, 500 connections", connections=500, quick=True),
    Workload("pipelined × 16, 64 connections", mode="pipelined", quick=True),
    Workload("a connection per request, 500 at once", connections=500, mode="closing", closing="always", quick=True),
    Workload("10 requests a connection, 64 at once", mode="some", closing="asked"),
    Workload("GET, 1 connection", connections=1),
    Workload("GET, 256 connections", connections=256),
    Workload("GET, 1,000 connections", connections=1000),
    Workload("GET, 4,000 connections", connections=4000),
    Workload("10 KiB, 64 connections", "/10k"),
    Workload("1 MiB, 64 connections", "/1m"),
    Workload("streamed 64 KiB, 64 connections", "/stream"),
    Workload("blocking 1 ms, 64 connections", "/blocking"),
    Workload("10,000 idle, 64 busy", idle=10_000),
    Workload("open loop: 26,430/s, 500 connections", connections=500, rate=26_430),
    Workload("open loop: 25 % of the peak, 64 connections", rate="25 %"),
    Workload("open loop: 50 % of the peak, 64 connections", rate="50 %"),
    Workload("open loop: 75 % of the peak, 64 connections", rate="75 %"),
    Workload("open loop: 90 % of the peak, 64 connections", rate="90 %"),
]
PEAK = "GET, 64 connections"


def choose(pattern, quick):
    """Those that a person asked for, by a part of the name, or by several with | between them."""
    if not pattern:
        return [workload for workload in ALL if workload.quick or not quick]
    parts = [part.strip() for part in pattern.split("|")]
    return [workload for workload in ALL if any(part in workload.name for part in parts)]
