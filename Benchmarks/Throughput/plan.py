"""How often and for how long each server is loaded: as requested, or as fits into a budget."""

import re
import time

# Of a run, beside its seconds: starting and stopping the server, requesting a response's length, settling down.
SECONDS_BETWEEN_RUNS = 0.45
WARM_UP_SECONDS = 1
SECONDS_PER_IDLE_CONNECTION = 0.0003
SECONDS_PER_COUNT = 3.5
# Of each run, the best first, and then how often the later workloads are measured when the first are five times.
CHOICES = [(seconds, later) for seconds in (10, 5, 4, 3, 2, 1) for later in (5, 4, 3)] + [(1, 2), (1, 1)]


def seconds_of(text):
    """A number of seconds, or of minutes with an m after it."""
    match = re.fullmatch(r"(\d+)([ms]?)", text)
    if not match:
        raise ValueError(f"'{text}' is no time: 35m and 90s are")
    return int(match[1]) * (60 if match[2] == "m" else 1)


def rounds_of(options, workload):
    return options.rounds if workload.is_first else min(options.rounds, options.later_rounds or options.rounds)


def estimate(options, chosen, able, counts):
    """Seconds that it all takes. `able` tells who takes part in a workload, `counts` is how many are to be made."""
    total = counts * SECONDS_PER_COUNT
    for workload in chosen:
        run = options.seconds + SECONDS_BETWEEN_RUNS + workload.idle * SECONDS_PER_IDLE_CONNECTION
        run += WARM_UP_SECONDS if workload.rate else 0
        total += run * len(able(workload)) * rounds_of(options, workload)
    return total


def fit(options, chosen, able, counts):
    """Chooses the seconds of a run and the rounds of the later workloads; returns the estimate."""
    needed = estimate(options, chosen, able, counts)
    for seconds, later_rounds in CHOICES if options.budget else []:
        options.seconds, options.later_rounds = seconds, later_rounds
        needed = estimate(options, chosen, able, counts)
        if needed <= options.budget:
            break
    return needed


class Pace:
    """Holds a run to its budget: where it goes slower than estimated, later workloads get fewer rounds."""

    def __init__(self, options, chosen, able, counts):
        self.options, self.chosen, self.able = options, chosen, able
        self.counts = counts
        self.started = time.monotonic()

    def rounds_of(self, workload):
        """How often a workload, the next of those that were chosen, is to be measured: once at least."""
        rounds = rounds_of(self.options, workload)
        if not self.options.budget or workload.is_first:
            return rounds
        elapsed = time.monotonic() - self.started
        place = self.chosen.index(workload)
        expected = estimate(self.options, self.chosen[:place], self.able, self.counts)
        pace = max(1, elapsed / expected) if expected > 60 else 1
        needed = pace * estimate(self.options, self.chosen[place:], self.able, 0)
        left = max(0, self.options.budget - elapsed)
        return rounds if needed <= left else max(1, int(rounds * left / needed))


def describe(options, chosen, needed):
    rounds = dict.fromkeys(str(rounds_of(options, one)) for one in chosen)
    return (f"{len(chosen)} workloads, {' or '.join(rounds) or 'no'} rounds of {options.seconds} s: "
            f"about {needed / 60:.0f} minutes")
