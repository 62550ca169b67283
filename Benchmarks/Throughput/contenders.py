"""The servers that are compared: how each is built and started, and what it does not support."""

import dataclasses
import os
import pathlib
import shutil
import subprocess
import tempfile

import harness

HERE = pathlib.Path(__file__).resolve().parent
PEERS = HERE / "peers"
BUILT = HERE / ".build"
SWIFT_PEERS = PEERS / "swift" / ".build" / "release"
BENCH_SERVER = HERE.parent / ".build" / "release" / "bench-server"

ALLOCATION_COUNTER = BUILT / "allocation_counter.so"

FLOOR, FLOOR_EPOLL, FLOOR_DIRECT = "floor", "floor, epoll", "floor, direct descriptors"
NGINX, GO, GO_TWO_CORES = "nginx", "Go", "Go, two cores"
HYPERSERVE, HYPERSERVE_EPOLL, HYPERSERVE_POOL = "HyperServe", "HyperServe, epoll", "HyperServe, pool"
TWO_REACTORS, MUTEX_POOL = "HyperServe, two reactors", "before: mutex pool"
NIO, HUMMINGBIRD, FLYING_FOX = "SwiftNIO", "Hummingbird", "FlyingFox"
PEERS_IN_USE = (NGINX, GO, NIO, HUMMINGBIRD, FLYING_FOX)
EVERYTHING = frozenset(["/", "/json", "/echo", "/10k", "/1m", "/stream", "/blocking"])


@dataclasses.dataclass
class Contender:
    """`command` gets the port and whether connections close: never, always, or when asked."""

    name: str
    color: str
    build: object
    command: object
    paths: frozenset = EVERYTHING
    environment: dict = dataclasses.field(default_factory=dict)
    reactors: int = 1
    # Whether it takes part only in workloads that name it.
    is_only_named: bool = False
    # Whether it gets its memory from malloc, where it can be counted.
    uses_malloc: bool = True


def _run(what, command, folder):
    done = subprocess.run([str(part) for part in command], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise RuntimeError(f"{what} does not build: {lines[-1] if lines else 'no reason given'}")


def _build_floor():
    BUILT.mkdir(exist_ok=True)
    sources = sorted((PEERS / "floor").glob("*.c"))
    compiler = "clang" if shutil.which("clang") else "cc"
    options = ["-std=gnu11", "-O2", "-o", BUILT / "floor"]
    _run("the floor", [compiler, *options, *sources, "-luring"], PEERS / "floor")


def _build_go():
    if shutil.which("go") is None:
        raise RuntimeError("there is no go on the PATH (apt-get install golang-go)")
    _run("the Go peer", ["go", "build", "-o", BUILT / "go-peer", "."], PEERS / "go")


def _build_nginx():
    if shutil.which("nginx") is None:
        raise RuntimeError("there is no nginx on the PATH (apt-get install nginx)")


def _build_swift(product):
    return lambda: _run(product, ["swift", "build", "-c", "release", "--product", product], PEERS / "swift")


def build_bench_server():
    _run("bench-server", ["swift", "build", "-c", "release", "--product", "bench-server"], HERE.parent)


def build_open_loop():
    """The generator of the workloads with a fixed rate."""
    _run("open-loop", ["swift", "build", "-c", "release", "--product", "open-loop"], HERE.parent)


def build_allocation_counter():
    BUILT.mkdir(exist_ok=True)
    compiler = "clang" if shutil.which("clang") else "cc"
    options = ["-std=c11", "-O2", "-shared", "-fPIC", "-o", ALLOCATION_COUNTER]
    _run("the allocation counter", [compiler, *options, HERE / "allocation_counter.c"], HERE)


def _floor(*options):
    def command(port, closing):
        return [BUILT / "floor", "--port", port, *options, *(["--close", closing] if closing else [])]

    return command


def _nginx(port, _closing):
    folder = pathlib.Path(tempfile.gettempdir()) / f"hyperserve-nginx-{os.getpid()}"
    files = folder / "files"
    files.mkdir(parents=True, exist_ok=True)
    (files / "10k").write_bytes(b"x" * (10 << 10))
    (files / "1m").write_bytes(b"x" * (1 << 20))
    # Who reads the files must not be in the way: nginx started by root gives its rights up.
    folder.chmod(0o755)
    text = (PEERS / "nginx" / "nginx.conf").read_text(encoding="utf-8")
    configuration = folder / f"{port}.conf"
    configuration.write_text(text.replace("FOLDER", str(folder)).replace("PORT", str(port)), encoding="utf-8")
    return ["nginx", "-c", configuration, "-e", folder / "error.log"]


def _hyperserve(driver, handlers, reactors=1):
    return lambda port, _closing: [
        BENCH_SERVER, "--port", port, "--driver", driver, "--handlers", handlers, "--threads", reactors]


def _swift_peer(product):
    return lambda port, closing: [SWIFT_PEERS / product, port, *["--close"] * bool(closing)]


def _go(port, _closing):
    return [BUILT / "go-peer", "-address", f"127.0.0.1:{port}"]


CONSTANTS = EVERYTHING - {"/blocking"}
AND_COMPUTING = EVERYTHING | {"/compute"}
ALL = [
    Contender(FLOOR, "#6b7280", _build_floor, _floor(), CONSTANTS),
    Contender(FLOOR_EPOLL, "#9ca3af", _build_floor, _floor("--epoll"), CONSTANTS),
    Contender(FLOOR_DIRECT, "#4b5563", _build_floor, _floor("--direct"), frozenset(["/"]), is_only_named=True),
    Contender(HYPERSERVE, "#e11d48", build_bench_server, _hyperserve("io_uring", "inline"), AND_COMPUTING),
    Contender(HYPERSERVE_EPOLL, "#fb7185", build_bench_server, _hyperserve("epoll", "inline")),
    Contender(HYPERSERVE_POOL, "#f59e0b", build_bench_server, _hyperserve("io_uring", "pool"), AND_COMPUTING),
    Contender(TWO_REACTORS, "#be123c", build_bench_server, _hyperserve("io_uring", "inline", 2),
              frozenset(["/", "/compute"]), reactors=2, is_only_named=True),
    Contender(MUTEX_POOL, "#a16207", build_bench_server, _hyperserve("io_uring", "mutex")),
    Contender(NGINX, "#16a34a", _build_nginx, _nginx, frozenset(["/", "/json", "/10k", "/1m"])),
    Contender(GO, "#0ea5e9", _build_go, _go, AND_COMPUTING, environment={"GOMAXPROCS": "1"}, uses_malloc=False),
    Contender(GO_TWO_CORES, "#0369a1", _build_go, _go, frozenset(["/compute"]), environment={"GOMAXPROCS": "2"},
              is_only_named=True, uses_malloc=False),
    Contender(NIO, "#7c3aed", _build_swift("nio-peer"), _swift_peer("nio-peer")),
    Contender(HUMMINGBIRD, "#c084fc", _build_swift("hummingbird-peer"), _swift_peer("hummingbird-peer")),
    Contender(FLYING_FOX, "#475569", _build_swift("flyingfox-peer"), _swift_peer("flyingfox-peer"),
              EVERYTHING - {"/stream", "/blocking"}),
]


def build(chosen):
    """Builds them; returns those that could be built, and why the others were left out."""
    results, present, left_out = {}, [], []
    for contender in chosen:
        key = contender.build
        if key not in results:
            print(f"  building {contender.name} …", flush=True)
            try:
                contender.build()
                results[key] = None
            except RuntimeError as error:
                results[key] = str(error)
        if results[key] is None:
            present.append(contender)
        else:
            left_out.append(f"{contender.name}: {results[key]}")
    return present, left_out


def start(contender, closing, core, environment=None):
    """`core` may be a list of several, as taskset reads it."""
    port = harness.free_port()
    return harness.Server(
        contender.name, contender.command(port, closing), {**contender.environment, **(environment or {})},
        core=core, port=port)
