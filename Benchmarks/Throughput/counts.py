"""The costs of a request that noise does not change: system calls, and allocations on the heap."""

import pathlib
import shutil
import struct
import subprocess
import tempfile
import time

import contenders
import harness

CONNECTIONS = (1, 64)
WARM_UP_REQUESTS = 2_000
# Of each count; a slow server gets fewer, so that one count takes about this long at most.
REQUESTS = 12_800
SECONDS = 2


def count(contender, core, what):
    """By the number of connections: system calls ("systemCalls") or allocations ("allocations") per request."""
    counter = {"systemCalls": _system_calls, "allocations": _allocations}[what]
    return {str(connections): counter(contender, core, connections) for connections in CONNECTIONS}


def kinds():
    """The counts that are possible here: system calls need strace."""
    return ["systemCalls"] * (shutil.which("strace") is not None) + ["allocations"]


def can_count(contender, what):
    return not contender.is_only_named and (what == "systemCalls" or contender.uses_malloc)


def _system_calls(contender, core, connections):
    """While strace slows the server down; of its threads all, those that are only waiting too."""
    server = contenders.start(contender, "", core)
    try:
        client = harness.KeepAliveClient(server.port, connections)
        requests = _warm_up(client, connections)
        with tempfile.TemporaryDirectory() as folder:
            summary = pathlib.Path(folder) / "summary"
            command = ["strace", "-f", "-c", "-o", summary, "-p", server.process.pid]
            with subprocess.Popen([str(part) for part in command], stderr=subprocess.PIPE, text=True) as tracer:
                line = tracer.stderr.readline()
                if "attached" not in line:
                    raise RuntimeError(f"strace can't trace: {line.strip()}")
                # All threads, once the first is.
                time.sleep(0.1)
                client.send(requests)
                tracer.terminate()
                tracer.communicate()
            lines = summary.read_text(encoding="utf-8").splitlines()
        client.close()
        total = next(line for line in reversed(lines) if line.rstrip().endswith("total")).split()
        return int(total[3]) / requests
    finally:
        server.stop()


def _allocations(contender, core, connections):
    with tempfile.TemporaryDirectory() as folder:
        counters = pathlib.Path(folder) / "counters"
        environment = {"LD_PRELOAD": str(contenders.ALLOCATION_COUNTER), "HS_ALLOCATION_COUNTER": str(counters)}
        # nginx started by root gives its rights up, and must reach the counters all the same.
        counters.write_bytes(bytes(16))
        counters.chmod(0o666)
        pathlib.Path(folder).chmod(0o755)
        server = contenders.start(contender, "", core, environment)

        def allocated():
            return struct.unpack("=QQ", counters.read_bytes())[0]

        try:
            if allocated() == 0:
                raise RuntimeError("no allocation was counted at all")
            client = harness.KeepAliveClient(server.port, connections)
            requests = _warm_up(client, connections)
            client.send_all_at_once(server.process)
            before = allocated()
            client.send(requests)
            counted = allocated() - before
            client.close()
            return counted / requests
        finally:
            server.stop()


def _warm_up(client, connections):
    """How many requests may be counted, by how long the first ones take; a few, which decide whether more are sent."""
    first = max(20, connections)
    started = time.monotonic()
    client.send(first)
    rate = first / (time.monotonic() - started)
    if rate * SECONDS > WARM_UP_REQUESTS:
        client.send(WARM_UP_REQUESTS)
    return max(first, min(REQUESTS, int(rate * SECONDS)))
