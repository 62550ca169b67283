"""Gives servers a share of a core, so that one load generator is never what limits them.

A control group with a processor quota, of version 1 or 2, for which one must be root. It is removed in the end.
"""

import os
import pathlib

PERIOD_MICROSECONDS = 10_000


class Quota:
    def __init__(self, share):
        root = pathlib.Path("/sys/fs/cgroup")
        self.is_version_1 = (root / "cpu").is_dir()
        base = root / "cpu" if self.is_version_1 else root
        self.folder = base / f"hyperserve-{os.getpid()}-{share:g}"
        quota = int(share * PERIOD_MICROSECONDS)
        try:
            self.folder.mkdir()
            if self.is_version_1:
                (self.folder / "cpu.cfs_period_us").write_text(str(PERIOD_MICROSECONDS))
                (self.folder / "cpu.cfs_quota_us").write_text(str(quota))
            else:
                (self.folder / "cpu.max").write_text(f"{quota} {PERIOD_MICROSECONDS}")
        except OSError as error:
            raise RuntimeError(f"a share of a core needs a control group, and to be root: {error}") from error

    def add(self, process):
        """Limits a process and its threads, those to come included."""
        (self.folder / "cgroup.procs").write_text(str(process))

    def remove(self):
        """Once every process in it has ended."""
        try:
            self.folder.rmdir()
        except OSError:
            pass
