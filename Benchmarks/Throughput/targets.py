"""The project's own targets, each beside what was measured: computed, so that a loss can't be forgotten."""

import contenders as names
import report
import workloads

MINE = names.HYPERSERVE
CPU, RATE = "cpuMicrosecondsPerRequest", "requestsPerSecond"
EPSILON = 1e-9


class _Rows:
    """Collects rows: what, the target, what was measured, whether it is met (None: not measured), and a remark."""

    def __init__(self, results):
        self.results = results
        self.all = []

    def at_most(self, what, limit, value, unit="", remark=""):
        self._add(what, "≤", limit, value, unit, remark, value is not None and value <= limit + EPSILON)

    def at_least(self, what, limit, value, unit="", remark=""):
        self._add(what, "≥", limit, value, unit, remark, value is not None and value >= limit - EPSILON)

    def below(self, what, limit, value, unit="", remark=""):
        self._add(what, "<", limit, value, unit, remark, value is not None and value < limit)

    def above(self, what, limit, value, unit="", remark=""):
        self._add(what, ">", limit, value, unit, remark, value is not None and value > limit)

    def _add(self, what, sign, limit, value, unit, remark, is_met):
        self.all.append({
            "what": what, "sign": sign, "limit": limit, "measured": value, "unit": unit,
            "isMet": is_met if value is not None else None, "remark": remark if value is not None else "",
        })

    def runs(self, workload):
        return self.results["workloads"].get(workload, {}).get("runs", {})

    def ratio(self, workload, peer, key, mine=MINE):
        return report.ratio(report.quiet(self.runs(workload)), mine, peer, key)

    def value(self, workload, server, key):
        row = self.results["workloads"].get(workload, {}).get("summary", {}).get(server, {})
        return row.get(key)

    def least_limited(self, workload, server):
        """The workload with less of a core, where the server took part in it: there no generator is the limit."""
        limited = workloads.LIMITED.get(workload)
        return limited if self.runs(limited).get(server) and self.runs(limited).get(MINE) else workload

    def between(self, workload, base, server, key):
        """How much of a figure in one workload is left in another."""
        numbers = [self.value(name, server, key) for name in (workload, base)]
        return numbers[0] / numbers[1] if all(numbers) else None

    def over_all_runs(self, key):
        values = [run[key] for one in self.results["workloads"].values() for run in one["runs"].get(MINE, [])]
        return sorted(values)[len(values) // 2] if values else None


def rows(results):
    """All targets, in order."""
    all_rows = _Rows(results)
    _against_peers(all_rows)
    _connections(all_rows)
    _fixed_rate(all_rows)
    _resources(all_rows)
    _cores(all_rows)
    return all_rows.all


def _against_peers(rows):
    for workload in (workloads.GET, workloads.JSON, workloads.POST, workloads.HIGH_LOAD):
        limit = 1.20 if workload == workloads.JSON else 1.05
        rows.at_most(f"{workload}: processor time × floor", limit, rows.ratio(workload, names.FLOOR, CPU))
        if workload != workloads.POST:
            rows.at_most(f"{workload}: processor time × nginx", 0.87, rows.ratio(workload, names.NGINX, CPU))
        least = [] if workload == workloads.JSON else [(names.FLOOR, 0.97)]
        for peer, limit in least + [(names.GO, 2.1), (names.NIO, 2.1), (names.HUMMINGBIRD, 4)]:
            _rate(rows, workload, peer, limit)
    for peer, limit in ((names.FLOOR, 0.75), (names.NGINX, 6)):
        _rate(rows, workloads.PIPELINED, peer, limit)


def _rate(rows, workload, peer, limit):
    where = rows.least_limited(workload, peer)
    starred = [server for server in (MINE, peer) if rows.value(where, server, "generatorIsTheLimit")]
    remark = f"the generator was the limit for {' and '.join(starred)}" if starred else ""
    if where != workload and rows.ratio(workload, peer, RATE):
        remark = f"with the whole core {rows.ratio(workload, peer, RATE):.2f}" + (f"; {remark}" if remark else "")
    rows.at_least(f"{where}: req/s × {peer}", limit, rows.ratio(where, peer, RATE), remark=remark)


def _connections(rows):
    rows.at_most(f"{workloads.CLOSING}: processor time × floor", 1.10, rows.ratio(workloads.CLOSING, names.FLOOR, CPU))
    where = rows.least_limited(workloads.CLOSING, names.NGINX)
    for peer in (names.GO, names.NGINX):
        rows.above(f"{where}: req/s × {peer}", 1, rows.ratio(where, peer, RATE))
    for workload, base, limit, what in (
        (workloads.MANY, workloads.HIGH_LOAD, 0.85, "req/s with 4,000 connections × with 500"),
        (workloads.IDLE, workloads.GET, 0.95, "req/s of 64 busy ones beside 10,000 idle × alone"),
    ):
        _kept(rows, what, limit, workload, base)
    runs = [run for one in (workloads.IDLE, workloads.LIMITED[workloads.IDLE]) for run in rows.runs(one).get(MINE, [])]
    idle = [run["residentBytesPerIdleConnection"] / 1024 for run in runs]
    rows.at_most("memory of an idle connection", 2, sorted(idle)[len(idle) // 2] if idle else None, "KiB")


def _kept(rows, what, limit, workload, base):
    """How much of the throughput is left, and what is left of the floor's, which pays for the kernel alike."""
    pairs = [(workloads.LIMITED[workload], workloads.LIMITED[base]), (workload, base)]
    pair = next((pair for pair in pairs if rows.between(*pair, MINE, RATE)), pairs[1])
    remarks = []
    if floor := rows.between(*pair, names.FLOOR, RATE):
        remarks.append(f"floor {floor:.2f}")
    if pair != pairs[1] and (whole := rows.between(*pairs[1], MINE, RATE)):
        remarks.append(f"with the whole core {whole:.2f}")
    if any(rows.value(one, MINE, "generatorIsTheLimit") for one in pair):
        remarks.append("the generator was the limit")
    if (cost := rows.between(*pair, MINE, CPU)) and (floor := rows.between(*pair, names.FLOOR, CPU)):
        remarks.append(f"processor time × {cost:.2f}, floor × {floor:.2f}")
    where = ", half a core" if pair != pairs[1] else ""
    rows.at_least(what + where, limit, rows.between(*pair, MINE, RATE), remark="; ".join(remarks))


def _fixed_rate(rows):
    where = workloads.FIXED_RATE
    for percent in ("99", "99.9"):
        value = rows.value(where, MINE, f"microsecondsAt{percent}")
        rows.below(f"{where}: p{percent}", 3, value / 1e3 if value else None, "ms")
    value = rows.value(where, MINE, "microsecondsAt99")
    peers = {peer: rows.value(where, peer, "microsecondsAt99") for peer in names.PEERS_IN_USE}
    known = {peer: time for peer, time in peers.items() if time}
    best = min(known, key=known.get, default=None)
    rows.below(f"{where}: p99 × the best peer's", 1, value / known[best] if value and best else None,
               remark=f"{best}: {known[best] / 1e3:.2f} ms" if best else "")
    rows.at_most(f"{where}: failures", 0, rows.value(where, MINE, "failures"))


def _resources(rows):
    start = rows.over_all_runs("startMilliseconds")
    rows.below("start to first response", 10, start, "ms")
    fresh = rows.over_all_runs("residentBytesAfterStart")
    rows.at_most("memory after start", 12, fresh / 2**20 if fresh else None, "MiB")
    counts = rows.results.get("countsPerRequest", {}).get(MINE, {})
    for connections in ("1", "64"):
        who = "1 connection" if connections == "1" else f"{connections} connections"
        rows.at_most(f"allocations a request, {who}", 0.001, counts.get("allocations", {}).get(connections))


def _cores(rows):
    for workload in (workloads.COMPUTING, workloads.SPREAD):
        cost = rows.ratio(workload, MINE, CPU, names.TWO_REACTORS)
        remark = f"processor time × {cost:.2f}" if cost else ""
        if go := rows.ratio(workload, names.GO, RATE, names.GO_TWO_CORES):
            remark += f"; Go, two cores × one: {go:.2f}"
        rows.at_least(f"{workload}: req/s, two reactors × one", 1.8,
                      rows.ratio(workload, MINE, RATE, names.TWO_REACTORS), remark=remark)
    ratio = rows.ratio(workloads.GET, names.FLOOR_EPOLL, CPU, names.HYPERSERVE_EPOLL)
    rows.at_most(f"{workloads.GET}: on epoll, processor time × floor on epoll", 1.10, ratio)


def number(value, unit):
    if value is None:
        return "not measured"
    text = f"{value:.3f}" if 0 < value < 0.1 else f"{value:.2f}" if value else "0"
    return f"{text} {unit}".strip()


def verdict(row):
    return {True: "met", False: "MISSED", None: ""}[row["isMet"]]


def print_table(all_rows):
    print("targets")
    for row in all_rows:
        wanted = f"{row['sign']} {row['limit']:g} {row['unit']}".strip()
        print(f"  {row['what']:<78}{wanted:>10}{number(row['measured'], row['unit']):>14}  {verdict(row):<8}"
              f"{row['remark']}".rstrip())
    counted = [row["isMet"] for row in all_rows]
    print(f"  {counted.count(True)} met, {counted.count(False)} missed, {counted.count(None)} not measured\n")
