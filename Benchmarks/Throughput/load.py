"""Load generators: one run each of wrk and ab, and what their reports say."""

import dataclasses
import re
import resource
import subprocess
import time

import harness


@dataclasses.dataclass
class Run:
    """One generator's report. Whatever is not a 2xx answer, or no answer, is a failure."""

    seconds: float
    generator_cpu_seconds: float
    requests: int
    requests_per_second: float
    failures: int
    milliseconds_at_99_percent: float
    notes: list


def run_wrk(url, core, connections, seconds, closing):
    header = ["-H", "Connection: close"] if closing else []
    report, seconds, cpu_seconds = _run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "--latency", *header, url], core
    )
    failures = 0
    notes = []
    for line in report.splitlines():
        errors = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", line)
        refused = re.search(r"Non-2xx or 3xx responses: (\d+)", line)
        if errors or refused:
            failures += sum(map(int, (errors or refused).groups()))
            notes.append(line.strip())
    number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s|m)\b", report).groups()
    return Run(
        seconds=seconds,
        generator_cpu_seconds=cpu_seconds,
        requests=int(re.search(r"(\d+) requests in", report)[1]),
        requests_per_second=float(re.search(r"Requests/sec:\s+([\d.]+)", report)[1]),
        failures=failures,
        milliseconds_at_99_percent=float(number) * {"us": 0.001, "ms": 1, "s": 1000, "m": 60000}[unit],
        notes=notes,
    )


def run_ab(url, core, connections, requests, keep_alive):
    report, seconds, cpu_seconds = _run(
        ["ab", "-q", "-l", "-s", "10", "-n", str(requests), "-c", str(connections), *["-k"] * keep_alive, url], core
    )

    def number(label):
        match = re.search(rf"^{label}:\s+([\d.]+)", report, re.MULTILINE)
        return float(match[1]) if match else 0.0

    kept = int(number("Keep-Alive requests"))
    complete = int(number("Complete requests"))
    failed = int(number("Failed requests"))
    notes = [f"ab: {failed} failed"] if failed else []
    refused = int(number("Non-2xx responses"))
    if refused:
        notes.append(f"ab: {refused} non-2xx")
    missing = requests - complete
    if missing:
        notes.append(f"ab: {missing} never answered")
    if keep_alive and kept < complete:
        notes.append(f"ab: only {kept} of {complete} answers kept the connection")
    percentile = re.search(r"^\s*99%\s+(\d+)", report, re.MULTILINE)
    return Run(
        seconds=seconds,
        generator_cpu_seconds=cpu_seconds,
        requests=complete,
        requests_per_second=number("Requests per second"),
        failures=failed + refused + missing,
        milliseconds_at_99_percent=float(percentile[1]) if percentile else 0.0,
        notes=notes,
    )


def _run(command, core):
    """The generator's report, how long it ran, and the processor time it used."""
    pinned = ["taskset", "--cpu-list", str(core), *command]
    used_before = _children_cpu_seconds()
    started = time.monotonic()
    done = subprocess.run(pinned, capture_output=True, text=True, timeout=120, check=False)
    seconds = time.monotonic() - started
    if done.returncode != 0:
        harness.fail(f"{' '.join(command)} ended with status {done.returncode}: {done.stderr.strip() or done.stdout}")
    return done.stdout, seconds, _children_cpu_seconds() - used_before


def _children_cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
