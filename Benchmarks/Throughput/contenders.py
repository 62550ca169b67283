"""The servers that are compared: how each is built, started and told its port, and what it can't do."""

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

FLOOR, NGINX, GO = "floor", "nginx", "Go"
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


def _build_bench_server():
    _run("bench-server", ["swift", "build", "-c", "release", "--product", "bench-server"], HERE.parent)


def build_open_loop():
    """The generator of the workloads with a fixed rate."""
    _run("open-loop", ["swift", "build", "-c", "release", "--product", "open-loop"], HERE.parent)


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


def _hyperserve(driver, handlers):
    return lambda port, _closing: [BENCH_SERVER, "--port", port, "--driver", driver, "--handlers", handlers]


def _swift_peer(product):
    return lambda port, closing: [SWIFT_PEERS / product, port, *["--close"] * bool(closing)]


CONSTANTS = EVERYTHING - {"/blocking"}
ALL = [
    Contender(FLOOR, "#6b7280", _build_floor, _floor(), CONSTANTS),
    Contender("floor, epoll", "#9ca3af", _build_floor, _floor("--epoll"), CONSTANTS),
    Contender("HyperServe", "#e11d48", _build_bench_server, _hyperserve("io_uring", "inline")),
    Contender("HyperServe, epoll", "#fb7185", _build_bench_server, _hyperserve("epoll", "inline")),
    Contender("HyperServe, pool", "#f59e0b", _build_bench_server, _hyperserve("io_uring", "pool")),
    Contender("before: mutex pool", "#a16207", _build_bench_server, _hyperserve("io_uring", "mutex")),
    Contender(NGINX, "#16a34a", _build_nginx, _nginx, frozenset(["/", "/json", "/10k", "/1m"])),
    Contender(GO, "#0ea5e9", _build_go, lambda port, _: [BUILT / "go-peer", "-address", f"127.0.0.1:{port}"],
              environment={"GOMAXPROCS": "1"}),
    Contender("SwiftNIO", "#7c3aed", _build_swift("nio-peer"), _swift_peer("nio-peer")),
    Contender("Hummingbird", "#c084fc", _build_swift("hummingbird-peer"), _swift_peer("hummingbird-peer")),
    Contender("FlyingFox", "#475569", _build_swift("flyingfox-peer"), _swift_peer("flyingfox-peer"),
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


def start(contender, closing, core):
    port = harness.free_port()
    return harness.Server(
        contender.name, contender.command(port, closing), contender.environment, core=core, port=port)
