"""Baselines: which record stands for "as it was", for each workload under each profile.

A baseline is set with a reason, and setting it is never undone: the file only grows, the newest
line of a workload and profile counts.
"""

import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from swiftos.errors import RefusedError, UsageError
from swiftos.evidence import safe_write
from swiftos.evidence.identity import profile_hash
from swiftos.evidence.record import Record, Status
from swiftos.evidence.store import Store, short

FAILED = (Status.FAIL, Status.ERROR, Status.MISS)


class Baseline(msgspec.Struct, frozen=True):
    """One act of setting a baseline; the time in seconds since 1970, UTC."""

    set_s: int
    workload: str
    profile: str
    record: str
    reason: str


class Baselines:
    """The baselines of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._path: Path = store.folder / "baselines.jsonl"

    def set(self, name: str, record: Record, reason: str) -> Baseline:
        """Makes a record the baseline of its workload and profile.

        Raises UsageError without a reason, RefusedError for a record of a run that failed.
        """
        if not reason.strip():
            raise UsageError("a baseline needs a reason", "add --reason 'WHY'")
        if record.status in FAILED:
            what = f"record {short(name)} ended with {record.status.value}"
            raise RefusedError(what, "a baseline is a run that went well: measure again")
        made = Baseline(
            int(time.time()), record.workload.name, profile_hash(record), name, reason.strip()
        )
        safe_write.append(self._path, msgspec.json.encode(made) + b"\n")
        return made

    def of(self, record: Record) -> Baseline | None:
        """Returns the baseline of a record's workload and profile, or None."""
        key = (record.workload.name, profile_hash(record))
        found = [line for line in self.history() if (line.workload, line.profile) == key]
        return found[-1] if found else None

    def current(self) -> list[Baseline]:
        """Returns the baselines that count, one for each workload and profile."""
        newest = {(line.workload, line.profile): line for line in self.history()}
        return list(newest.values())

    def history(self) -> Iterator[Baseline]:
        """Yields all that was ever set, oldest first; a line that was cut off is passed over."""
        if not self._path.exists():
            return
        for line in self._path.read_bytes().splitlines():
            try:
                yield msgspec.json.decode(line, type=Baseline)
            except msgspec.MsgspecError:
                self._store.warn(f"{self._path} has a damaged line; the others are used")
