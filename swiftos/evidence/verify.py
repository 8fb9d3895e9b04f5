"""Checks a store from the bottom: every byte against its hash, every statistic against its samples.

What is damaged is named; nothing is removed. What can be made anew, the index, is.
"""

import sqlite3
from dataclasses import dataclass, field
from pathlib import Path

from swiftos.errors import ToolError
from swiftos.evidence.record import Record
from swiftos.evidence.store import Store, short

CLOCK_TOLERANCE_S = 2


@dataclass
class Findings:
    """What a check found; `damages` are lines about files that cannot be trusted."""

    records: int = 0
    raw_files: int = 0
    statistics: int = 0
    damages: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    damaged_files: list[Path] = field(default_factory=list)


def verify(store: Store) -> Findings:
    """Checks everything. Raises RefusedError for an index of a newer version."""
    findings = Findings()
    records, damages = store.scan()
    for damage in damages:
        findings.damages.append(damage.error.message)
        findings.damaged_files.append(damage.path)
    for name, record in records:
        findings.records += 1
        if store.path_of(name).exists():
            _check_raw(store, record, findings)
        _check_dates(name, record, findings)
    for path in store.partial_files():
        findings.notes.append(f"{path} was left by a writer that was killed; it may be removed")
    _check_index(store, records, findings)
    return findings


def set_aside(store: Store, findings: Findings) -> list[Path]:
    """Moves damaged files to `damaged/` in the store and returns where they are now."""
    moved = []
    for path in findings.damaged_files:
        if path.is_relative_to(store.folder):
            target = store.folder / "damaged" / path.name
            target.parent.mkdir(exist_ok=True)
            path.rename(target)
            moved.append(target)
    return moved


def _check_raw(store: Store, record: Record, findings: Findings) -> None:
    """Checks the raw files of a record of this host; those of published ones stay at its maker."""
    for attachment in record.attachments:
        try:
            store.raw(attachment)
            findings.raw_files += 1
        except ToolError as error:
            findings.damages.append(error.message)


def _check_dates(name: str, record: Record, findings: Findings) -> None:
    """Notes a record whose end is before its beginning, or which lasted longer than its dates."""
    if not record.started_s:
        return
    error_s = record.created_s - record.started_s - record.duration_s
    if abs(error_s) > CLOCK_TOLERANCE_S:
        way = "backwards" if error_s < 0 else "forward"
        what = f"the host's clock went {way} by {abs(error_s):.0f} s while it was measured"
        findings.notes.append(f"{short(name)}: {what}; its dates are off, its figures are not")


def _check_index(store: Store, records: list[tuple[str, Record]], findings: Findings) -> None:
    """Compares the index's statistics with those of the samples; makes it anew if they differ."""
    try:
        wrong = store.index.wrong_rows(records)
    except sqlite3.DatabaseError as error:
        wrong = [f"it cannot be read ({error})"]
    findings.statistics = sum(len(record.metrics) for _, record in records)
    if wrong:
        kept = store.index.set_aside()
        store.index.add(records)
        where = f"; the old one is {kept.name}" if kept else ""
        findings.notes.append(f"the index was made anew: {wrong[0]}{where}")
