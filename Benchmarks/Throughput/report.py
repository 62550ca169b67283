"""What was measured: kept as JSON, and shown as tables."""

import datetime
import json
import os
import pathlib
import platform
import statistics
import subprocess

import contenders
import harness
import targets
import workloads

COLUMNS = ("requestsPerSecond", "cpuMicrosecondsPerRequest", "serverBusy")


def percentile(run, percent):
    """Microseconds at a percentage: of the nearest pair at or above it."""
    return min((pair for pair in run["percentiles"] if pair[0] >= percent), default=[100, 0])[1]


def quiet(rows):
    """The rounds in which no server was disturbed by other programs; all of them if there is no such round."""
    count = min((len(runs) for runs in rows.values() if runs), default=0)
    kept = [
        number for number in range(count)
        if not any("not quiet" in note for runs in rows.values() if runs for note in runs[number]["notes"])
    ]
    return {name: [runs[number] for number in kept] if runs else [] for name, runs in rows.items()} if kept else rows


def ratio(rows, mine, theirs, key):
    """The median of the rounds' own ratios, or None where one of the two did not take part."""
    pairs = list(zip(rows.get(mine, []), rows.get(theirs, [])))
    return statistics.median(one[key] / max(1e-9, other[key]) for one, other in pairs) if pairs else None


def summarize(rows):
    """Medians by server, and ratios to the floor, nginx and Go: medians of the rounds' own ratios."""
    rows = quiet(rows)
    summary = {}
    for name, runs in rows.items():
        if not runs:
            continue
        row = {key: statistics.median(run[key] for run in runs) for key in COLUMNS}
        rates = [run["requestsPerSecond"] for run in runs]
        row["spread"] = (max(rates) - min(rates)) / max(1e-9, row["requestsPerSecond"])
        for percent in (50, 99, 99.9):
            row[f"microsecondsAt{percent:g}"] = statistics.median(percentile(run, percent) for run in runs)
        row["failures"] = sum(run["failures"] for run in runs)
        row["generatorIsTheLimit"] = 2 * sum(run["generatorIsTheLimit"] for run in runs) > len(runs)
        for peer in (contenders.FLOOR, contenders.NGINX, contenders.GO):
            for key, short in (("requestsPerSecond", "Rate"), ("cpuMicrosecondsPerRequest", "CPU")):
                if (value := ratio(rows, name, peer, key)) is not None:
                    row[f"{short} x {peer}"] = value
        summary[name] = row
    return summary


def print_workload(name, rows):
    summary = summarize(rows)
    print(f"\n{name}")
    print(
        f"  {'':<25}{'req/s':>9}{'± %':>6}{'CPU µs':>9}{'x floor':>9}{'x nginx':>9}{'x Go':>7}"
        f"{'p50 ms':>9}{'p99 ms':>9}{'p99.9':>9}{'failures':>9}"
    )
    for server, row in summary.items():
        ratios = [row.get(f"CPU x {peer}") for peer in (contenders.FLOOR, contenders.NGINX)]
        shown = [f"{one:>9.2f}" if one else f"{'-':>9}" for one in ratios]
        go = row.get(f"Rate x {contenders.GO}")
        print(
            f"  {server:<25}{row['requestsPerSecond']:>9.0f}{row['spread'] * 50:>6.1f}"
            f"{row['cpuMicrosecondsPerRequest']:>9.2f}{''.join(shown)}{f'{go:.2f}' if go else '-':>7}"
            f"{row['microsecondsAt50'] / 1e3:>9.2f}{row['microsecondsAt99'] / 1e3:>9.2f}"
            f"{row['microsecondsAt99.9'] / 1e3:>9.2f}{row['failures']:>9}"
            f"{'  (limited by the generator)' if row['generatorIsTheLimit'] else ''}"
        )
    print("  (x floor and x nginx: processor time per request; x Go: requests a second)\n", flush=True)


def describe_machine():
    def first_line(*command):
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        except OSError:
            return "not there"
        return next(iter((done.stdout + done.stderr).splitlines()), "")

    model = next(
        (line.partition(":")[2].strip() for line in open("/proc/cpuinfo", encoding="utf-8") if "model name" in line),
        platform.machine(),
    )
    return {
        "processor": model,
        "cores": os.cpu_count(),
        "kernel": platform.release(),
        "swift": first_line("swift", "--version"),
        "clang": first_line("clang", "--version"),
        "go": first_line("go", "version"),
        "nginx": first_line("nginx", "-v"),
        "SwiftNIO, Hummingbird, FlyingFox": "2.101.2, 2.28.1, 0.27.1",
        "wrk": first_line("wrk", "-v"),
        "commit": first_line("git", "-C", str(harness.ROOT), "rev-parse", "--short", "HEAD"),
    }


class Results:
    """Runs by workload and server; in a file that other runs may have begun."""

    def __init__(self, options, left_out):
        now = datetime.datetime.now(datetime.timezone.utc)
        default = harness.ROOT / "results" / f"throughput-{now:%Y%m%d-%H%M%S}.json"
        self.path = pathlib.Path(options.output) if options.output else default
        known = json.loads(self.path.read_text(encoding="utf-8")) if self.path.exists() else {}
        self.workloads = known.get("workloads", {})
        self.counts = known.get("countsPerRequest", {})
        self.header = {
            "time": now.isoformat(timespec="seconds"),
            "machine": describe_machine(),
            "leftOut": left_out,
        }
        self.measured = {"time": self.header["time"], "commit": self.header["machine"]["commit"]}
        # Seconds may yet be chosen.
        self.options = options

    def is_complete(self, workload, able, rounds):
        """Whether every server has had its rounds, and nothing failed."""
        known = self.workloads.get(workload.name, {})
        runs = known.get("runs", {})
        return not known.get("failures") and all(len(runs.get(one.name, [])) >= rounds for one in able)

    def keep(self, workload, rows, failures, rounds):
        """A workload's new runs, instead of those that there were of the same servers."""
        known = self.workloads.get(workload.name, {})
        # What was measured otherwise can't be compared with these runs.
        if (known.get("commit"), known.get("secondsPerRun")) != (self.measured["commit"], self.options.seconds):
            known = {}
        self.workloads[workload.name] = {
            "connections": workload.connections,
            **self.measured,
            "secondsPerRun": self.options.seconds,
            "rounds": rounds,
            "share": workload.share or self.options.share,
            "failures": failures,
            "runs": {**known.get("runs", {}), **rows},
        }

    def failures(self):
        return [failure for workload in self.workloads.values() for failure in workload.get("failures", [])]

    def peaks(self):
        """Requests a second that each server reached."""
        runs = self.workloads.get(workloads.PEAK, {}).get("runs", {})
        return {name: row["requestsPerSecond"] for name, row in summarize(runs).items()}

    def content(self):
        """All that is written: in the workloads' own order, whatever order they were measured in."""
        order = [workload.name for workload in workloads.ALL]
        known = sorted(self.workloads.items(), key=lambda item: order.index(item[0]) if item[0] in order else 99)
        kept = {name: {**workload, "summary": summarize(workload["runs"])} for name, workload in known}
        content = {**self.header, "countsPerRequest": self.counts, "workloads": kept, "failures": self.failures()}
        return {**content, "targets": targets.rows(content)}

    def write(self):
        """Never half: a run that is stopped meanwhile leaves the file as it was."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        partial = self.path.with_suffix(".partial")
        partial.write_text(json.dumps(self.content(), separators=(",", ":")) + "\n", encoding="utf-8")
        partial.replace(self.path)
