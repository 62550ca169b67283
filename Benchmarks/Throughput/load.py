"""Load generators: one run each, and their reports."""

import dataclasses
import json
import pathlib
import resource
import socket
import subprocess
import time

import harness

HERE = pathlib.Path(__file__).resolve().parent
OPEN_LOOP = HERE.parent / ".build" / "release" / "open-loop"
WARM_UP_SECONDS = 1


@dataclasses.dataclass
class Run:
    """One generator's report. Anything but a 2xx response of the right length is a failure."""

    seconds: float
    generator_cpu_seconds: float
    requests: int
    # Those of a warm-up included: what the server's processor time was for.
    all_requests: float
    requests_per_second: float
    failures: int
    # Pairs of a percentage and microseconds. From wrk: from when a request was sent. From the open loop: from when it
    # should have been sent.
    percentiles: list
    notes: list


def run_wrk(url, core, connections, seconds, mode):
    """The closed loop: each connection sends its next request after its response. 1 MiB may take longer."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s", HERE / "wrk.lua", url]
    output, seconds, cpu_seconds = _run([*command, "--", mode], core)
    report = json.loads(output.strip().splitlines()[-1])
    failures, notes = 0, []
    for kind in ("connect", "read", "write", "timeout", "status"):
        if report[kind]:
            failures += report[kind]
            notes.append(f"wrk: {report[kind]} errors: {kind}")
    return Run(
        seconds=seconds,
        generator_cpu_seconds=cpu_seconds,
        requests=report["requests"],
        all_requests=report["requests"],
        requests_per_second=report["requests"] / (report["microseconds"] / 1e6),
        failures=failures,
        # Of sixteen responses wrk measures one, so its percentiles mean nothing.
        percentiles=[] if mode == "pipelined" else report["percentiles"] + [[100, report["maximum"]]],
        notes=notes,
    ), report["bytes"]


def run_open_loop(server, path, core, connections, seconds, rate):
    """A fixed rate, whatever the server does; latency counts from when a request should have been sent."""
    length = harness.body_length(server, path)
    command = [
        OPEN_LOOP, "--host", "127.0.0.1", "--port", server.port, "--connections", connections, "--rate", rate,
        "--seconds", seconds, "--warmup-seconds", WARM_UP_SECONDS, "--path", path,
        "--expected-length", length, "--json",
    ]
    # It ends with 1 when a request failed, and its report says how many.
    output, seconds, cpu_seconds = _run(command, core, statuses=(0, 1))
    report = json.loads(output)
    failures, notes = 0, []
    if report["late_sends"] > report["sent"] / 100:
        notes.append(f"open loop: the generator itself was late {report['late_sends']} times")
    for kind in ("failures", "timeouts", "non2xx"):
        if report[kind]:
            failures += report[kind]
            notes.append(f"open loop: {report[kind]} {kind}")
    return Run(
        seconds=seconds,
        generator_cpu_seconds=cpu_seconds,
        requests=report["completed"],
        all_requests=report["completed"] * (1 + WARM_UP_SECONDS / report["elapsed_seconds"]),
        requests_per_second=report["completed"] / report["elapsed_seconds"],
        failures=failures,
        percentiles=[pair for pair in report["percentiles"]] + [[100, report["max_us"]]],
        notes=notes,
    ), None


class IdleConnections:
    """Connections that are idle after one response each."""

    def __init__(self, server, count):
        self.sockets = []
        request = f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n".encode()
        for first in range(0, count, 100):
            wanted = min(100, count - first)
            batch = [socket.create_connection(("127.0.0.1", server.port), timeout=20) for _ in range(wanted)]
            for one in batch:
                one.sendall(request)
            for one in batch:
                response = one.recv(65536)
                if not response.startswith(b"HTTP/1.1 200"):
                    raise RuntimeError(f"an idle connection got no response: {response[:40]!r}")
            self.sockets += batch

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for one in self.sockets:
            one.close()


def _run(command, core, statuses=(0,)):
    """The generator's report, how long it ran, and the processor time it used."""
    pinned = ["taskset", "--cpu-list", str(core), *map(str, command)]
    used_before = _children_cpu_seconds()
    started = time.monotonic()
    done = subprocess.run(pinned, capture_output=True, text=True, timeout=120, check=False)
    seconds = time.monotonic() - started
    if done.returncode not in statuses:
        harness.fail(f"{' '.join(pinned)} ended with status {done.returncode}: {done.stderr.strip() or done.stdout}")
    return done.stdout, seconds, _children_cpu_seconds() - used_before


def _children_cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
