"""Code shared by the measuring commands: paths, servers started and stopped, requests counted exactly."""

import os
import pathlib
import re
import resource
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
HYPERSERVE = ROOT / ".build" / "release" / "hyperserve"

# The Debian package of each program.
PACKAGES = {
    "chrt": "util-linux",
    "go": "golang-go",
    "strace": "strace",
    "taskset": "util-linux",
    "wrk": "wrk",
}


def fail(message):
    sys.exit(f"{pathlib.Path(sys.argv[0]).name}: {message}")


def require(*programs):
    """Exits with a sentence that names all missing programs and their packages."""
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        packages = " ".join(sorted({PACKAGES[program] for program in missing}))
        fail(f"{', '.join(missing)} must be on the PATH; on Debian and Ubuntu: apt-get install {packages}")


def raise_descriptor_limit():
    """Lets this process and its children open as many descriptors as the hard limit allows."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def busy_seconds(core):
    """How long a core has not been idle since the machine started, time that a hypervisor took included."""
    for line in pathlib.Path("/proc/stat").read_text().splitlines():
        name, *ticks = line.split()
        if name == f"cpu{core}":
            user, nice, system, _idle, _wait, interrupts, soft_interrupts, stolen = map(int, ticks[:8])
            busy = user + nice + system + interrupts + soft_interrupts + stolen
            return busy / os.sysconf("SC_CLK_TCK")
    return fail(f"there is no core {core}")


def free_port():
    """A port that is free now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Server:
    """A server in a process of its own. It gets its port as an argument, or prints its address."""

    def __init__(self, name, command, environment=None, core=None, port=None):
        self.name = name
        started = time.monotonic()
        pinned = ["taskset", "--cpu-list", str(core)] if core is not None else []
        self.process = subprocess.Popen(
            [*pinned, *map(str, command)],
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.start_line = ""
        self.port = port if port else self._await_port(seconds=20)
        if port:
            self._await_response(seconds=20)
        # From the fork to the first response, if the port was known from the start.
        self.start_seconds = time.monotonic() - started

    def _await_response(self, seconds):
        request = f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nConnection: close\r\n\r\n".encode()
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.is_running():
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=seconds) as one:
                    one.sendall(request)
                    if one.recv(4096).startswith(b"HTTP/1.1 200"):
                        return
            except OSError:
                time.sleep(0.0005)
        self.process.kill()
        output, _ = self.process.communicate()
        fail(f"{self.name} does not respond; it wrote: {output.strip() or 'nothing'}")

    def _await_port(self, seconds):
        lines = []
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            deadline = time.monotonic() + seconds
            while selector.select(max(0, deadline - time.monotonic())):
                line = self.process.stdout.readline()
                if not line:
                    break
                lines.append(line.strip())
                match = re.search(r"https?://[\w.\[\]:]*:(\d+)", line)
                if match:
                    self.start_line = line.strip()
                    return int(match[1])
        self.process.kill()
        self.process.wait()
        fail(f"{self.name} did not print where it listens; it wrote: {' / '.join(lines) or 'nothing'}")

    def url(self, path="/"):
        return f"http://127.0.0.1:{self.port}{path}"

    def cpu_seconds(self):
        """User and system time of all its threads, ended ones included; exact, from the process's own clock."""
        # The number by which Linux knows that clock: see clock_getcpuclockid.
        return time.clock_gettime(~self.process.pid << 3 | 2)

    def resident_bytes(self, field="VmRSS"):
        """Memory in use; "VmHWM" is the most that it ever was."""
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(rf"{field}:\s+(\d+)", text)[1]) * 1024

    def is_running(self):
        return self.process.poll() is None

    def stop(self):
        """Stops it as an operator would; returns its exit status, or None if it had to be killed."""
        self.process.terminate()
        try:
            self.process.communicate(timeout=20)
            return self.process.returncode
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
            return None


def drivers(hyperserve):
    """The drivers that work here; io_uring may be unavailable, which is then printed."""
    server = Server("hyperserve", [hyperserve, "--port", 0, "--threads", 1])
    server.stop()
    if "driver io_uring" in server.start_line:
        return ("io_uring", "epoll")
    print("io_uring is left out: it is not available here")
    return ("epoll",)


class KeepAliveClient:
    """Connections that each send a request, wait for its whole response, and send the next."""

    def __init__(self, port, connections, path="/"):
        self.request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
        self.sockets = [socket.create_connection(("127.0.0.1", port), timeout=20) for _ in range(connections)]
        for one in self.sockets:
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.response_length = self._learn_response_length()

    def _learn_response_length(self):
        """Every response is as long as the first: the date, its only changing part, has a fixed width."""
        one = self.sockets[0]
        one.sendall(self.request)
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._receive(one)
        head, _, body = data.partition(b"\r\n\r\n")
        self._check(head)
        length = int(re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)[1])
        while len(body) < length:
            body += self._receive(one)
        return len(head) + 4 + length

    def send(self, count):
        """Sends exactly `count` requests, spread over the connections, and returns when all responses are there."""
        to_send = count
        done = 0
        received = {}
        with selectors.DefaultSelector() as selector:
            for one in self.sockets[:count]:
                selector.register(one, selectors.EVENT_READ)
                received[one] = b""
                one.sendall(self.request)
                to_send -= 1
            while done < count:
                ready = selector.select(20)
                if not ready:
                    fail(f"no response within 20 seconds; {done} of {count} requests have one")
                for key, _ in ready:
                    one = key.fileobj
                    received[one] += self._receive(one)
                    if len(received[one]) < self.response_length:
                        continue
                    self._check(received[one][: self.response_length])
                    received[one] = received[one][self.response_length :]
                    done += 1
                    if to_send > 0:
                        one.sendall(self.request)
                        to_send -= 1

    def send_all_at_once(self, process):
        """One request on each connection. The process is stopped until all have arrived, so that it allocates as much
        for them as it ever will."""
        process.send_signal(signal.SIGSTOP)
        resumption = threading.Timer(0.05, process.send_signal, [signal.SIGCONT])
        resumption.start()
        self.send(len(self.sockets))
        resumption.join()

    def close(self):
        for one in self.sockets:
            one.close()

    @staticmethod
    def _receive(one):
        data = one.recv(65536)
        if not data:
            fail("the server closed a connection that should have stayed open")
        return data

    @staticmethod
    def _check(response):
        if not response.startswith(b"HTTP/1.1 200 "):
            fail(f"a response is not 200: {response[:60]!r}")


def body_length(server, path):
    """The length of a response's body."""
    with urllib.request.urlopen(server.url(path), timeout=20) as response:
        return len(response.read())


def response_length(server, path, mode):
    """The length of a response, its head included; None if it is chunked, as lengths may then differ."""
    body = b"0123456789abcdef" * 64 if mode == "post" else b""
    lines = [f"{'POST' if body else 'GET'} {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += ["Connection: close"] * (mode == "closing") + [f"Content-Length: {len(body)}"] * (mode == "post")
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as one:
        one.sendall("\r\n".join([*lines, "", ""]).encode() + body)
        head = b""
        while b"\r\n\r\n" not in head:
            data = one.recv(65536)
            if not data:
                fail(f"{server.name} closed a connection without a response")
            head += data
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    return head.index(b"\r\n\r\n") + 4 + int(length[1]) if length else None


def find_hyperserve(path):
    """The demo server to measure, or one sentence on how to build it."""
    path = pathlib.Path(path)
    if not os.access(path, os.X_OK):
        fail(f"{path} is not there; build it with: swift build -c release --product hyperserve")
    return path
