"""Keeps records: a file of canonical JSON each, named by its hash, with an SQLite index over them.

    .evidence/                      or the folder that SWOS_EVIDENCE names
        records/ID[:2]/ID.json      the truth; written whole or not at all, never changed
        raw/SHA256                  raw files of records: serial logs
        index.sqlite                made anew from the records when it is missing or damaged
        baselines.jsonl             see `baseline.py`
    bench/records/ID.json           published with the tree: origins of guards and of documents

A damaged file stops nobody from reading the others: `scan` names it and goes on.
"""

import os
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import click
import msgspec

from swiftos import paths
from swiftos.errors import HarnessError, ProductError, RefusedError, ToolError, UsageError
from swiftos.evidence import metrics, safe_write
from swiftos.evidence.index import Index, Point
from swiftos.evidence.record import Artifact, Record, bytes_id, decode, encode

FOLDER_VARIABLE = "SWOS_EVIDENCE"
SHORT_ID = 16
CLOCK_TOLERANCE_S = 2
VERIFY = "./swos record verify names every damaged file; the others are whole"

Warn = Callable[[str], None]


def short(name: str) -> str:
    """Returns the beginning of an id, as people type it."""
    return name[:SHORT_ID]


def warn_on_terminal(text: str) -> None:
    """Prints a warning beside the result."""
    click.echo(f"warning: {text}", err=True)


@dataclass(frozen=True)
class Damage:
    """A file of the store that cannot be used, with the error that says why and what to do."""

    path: Path
    error: ToolError


class Store:
    """The records of this host, and those published with the tree, which are only read."""

    def __init__(
        self,
        folder: Path | None = None,
        published: Path | None = None,
        warn: Warn = warn_on_terminal,
    ) -> None:
        self.folder = folder or Path(os.environ.get(FOLDER_VARIABLE) or paths.EVIDENCE)
        self.index = Index(self.folder / "index.sqlite")
        self._records = self.folder / "records"
        self._raw = self.folder / "raw"
        self._published = published or paths.PUBLISHED_RECORDS
        self.warn = warn

    def add(self, record: Record, raw: Mapping[str, bytes] | None = None) -> str:
        """Stores a record with its raw files (name to content) and returns its id.

        Raises HarnessError for a metric that is not in the catalogue, or is not as declared there;
        and where the disk takes no more, with the place where the record was saved instead.
        """
        check_metrics(record)
        files = dict(raw or {})
        listed = tuple(Artifact(name, len(data), bytes_id(data)) for name, data in files.items())
        record = msgspec.structs.replace(record, attachments=(*record.attachments, *listed))
        data = encode(record)
        try:
            for content in files.values():
                self.put_raw(content)
            self.put(bytes_id(data), record, data)
        except OSError as error:
            raise _saved_elsewhere(data, error) from error
        self._warn_of_clock()
        return bytes_id(data)

    def put(self, name: str, record: Record, data: bytes) -> None:
        """Writes the bytes of a record with the id `name`. Raises OSError."""
        self._write_once(self.path_of(name), data)
        self.index_records([(name, record)])

    def put_raw(self, data: bytes) -> None:
        """Writes a raw file. Raises OSError."""
        self._write_once(self._raw / bytes_id(data), data)

    def bytes_of(self, name: str) -> bytes:
        """Returns the bytes of a record with the whole id `name`."""
        return next(path for path in self._files() if path.stem == name).read_bytes()

    def load(self, prefix: str) -> tuple[str, Record]:
        """Returns the one record whose id begins with `prefix`, with its id.

        Raises UsageError for none or several, ProductError for a file that was changed,
        RefusedError for one of a newer version.
        """
        found = {path.stem: path for path in self._files() if path.stem.startswith(prefix)}
        if len(found) != 1 or not prefix:
            what = f"{len(found)} records begin with {prefix!r}"
            raise UsageError(what, "./swos record list shows their ids; type more of one")
        name, path = next(iter(found.items()))
        return name, self._read(path)

    def all(self) -> Iterator[tuple[str, Record]]:
        """Yields all sound records, oldest first; warns of the others."""
        records, damages = self.scan()
        for damage in damages:
            self.warn(f"{damage.error.message} ({damage.error.cure})")
        yield from records

    def scan(self) -> tuple[list[tuple[str, Record]], list[Damage]]:
        """Returns all sound records, oldest first, and what is damaged."""
        records: dict[str, Record] = {}
        damages = []
        for path in self._files():
            try:
                records[path.stem] = self._read(path)
            except ToolError as error:
                damages.append(Damage(path, error))
        ordered = sorted(records.items(), key=lambda item: (item[1].created_s, item[0]))
        return ordered, damages

    def raw(self, attachment: Artifact) -> bytes:
        """Returns a raw file's content. Raises ProductError where it is gone or was changed."""
        path = self._raw / attachment.sha256
        try:
            data = path.read_bytes()
        except OSError as error:
            what = f"the raw file {attachment.name} ({path}) cannot be read: {error.strerror}"
            raise ProductError(
                what, "the record itself is whole; export it where the file is"
            ) from None
        if bytes_id(data) != attachment.sha256:
            raise ProductError(f"the raw file {attachment.name} ({path}) was changed", VERIFY)
        return data

    def path_of(self, name: str) -> Path:
        """Returns where a record of this host is kept."""
        return self._records / name[:2] / f"{name}.json"

    def partial_files(self) -> list[Path]:
        """Returns what writers that were killed have left half-written."""
        return sorted(self.folder.glob(f"**/*{safe_write.PARTIAL_SUFFIX}"))

    def index_records(self, records: list[tuple[str, Record]]) -> None:
        """Puts records into the index; makes it anew where it is damaged.

        The records are in their files already: where the index cannot be written they are not
        lost, and a warning says so.
        """
        try:
            self.index.add(records if self.index.is_current() else self.scan()[0])
        except sqlite3.OperationalError as error:
            self.warn(f"the index was not written ({error}); ./swos record verify makes it anew")
        except sqlite3.DatabaseError as error:
            self.warn(f"the index is damaged ({error}); making it anew from the records")
            self.reindex()

    def history(self, metric: str, profile: str) -> list[Point]:
        """Returns a metric's values under a profile of its scope, oldest first."""
        self.index_records([])
        return self.index.history(metric, profile)

    def reindex(self) -> int:
        """Sets the index aside, makes it anew from the files; returns the number of records."""
        self.index.set_aside()
        records, _ = self.scan()
        self.index.add(records)
        return len(records)

    def _warn_of_clock(self) -> None:
        """Warns where the newest record was made later than it is now."""
        try:
            ahead_s = self.index.newest_s() - time.time()
        except (sqlite3.DatabaseError, ToolError):
            return
        if ahead_s > CLOCK_TOLERANCE_S:
            self.warn(
                f"the newest record was made {ahead_s:.0f} s from now: the host's clock went "
                "backwards; set it, or mind that lists are ordered by date"
            )

    def _read(self, path: Path) -> Record:
        """Reads a file and checks that its content still has its name's hash."""
        try:
            data = path.read_bytes()
        except OSError as error:
            raise ProductError(f"{path} cannot be read: {error.strerror}", VERIFY) from None
        if bytes_id(data) != path.stem:
            what = "is cut off" if not data.endswith(b"}") else "was changed after it was stored"
            raise ProductError(f"{path} {what}", VERIFY)
        try:
            return decode(data)
        except msgspec.MsgspecError as error:
            raise ProductError(f"{path} is not a record: {error}", VERIFY) from error
        except RefusedError as error:
            raise RefusedError(f"{short(path.stem)}: {error.message}", error.cure) from None

    def _files(self) -> list[Path]:
        return [*sorted(self._records.glob("*/*.json")), *sorted(self._published.glob("*.json"))]

    def _write_once(self, path: Path, data: bytes) -> None:
        """Writes a file that is named by its content, unless it is there and whole."""
        if not (path.exists() and path.read_bytes() == data):
            safe_write.write(path, data)


def check_metrics(record: Record) -> None:
    """Raises HarnessError for a metric that the catalogue does not have as the record has it."""
    for metric in record.metrics:
        declared = metrics.find(metric.name)
        if declared is None:
            what = f"metric {metric.name!r} is not declared"
            raise HarnessError(what, "declare it in swiftos/evidence/metrics.py")
        stated = (metric.unit, metric.domain, metric.direction)
        if stated != (declared.unit, declared.domain, declared.direction):
            what = (
                f"metric {metric.name!r} is not as declared: {metric.unit}, {metric.domain.value}"
            )
            raise HarnessError(what, "make it with swiftos.evidence.metrics.metric")


def _saved_elsewhere(data: bytes, error: OSError) -> ToolError:
    """Saves a record that the store cannot take; returns the error that says where."""
    problem = f"the record cannot be stored: {error.strerror or error}"
    try:
        handle, name = tempfile.mkstemp(prefix="swos-record-", suffix=".json")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
    except OSError:
        click.echo(data.decode())
        cure = "make room; the record was printed: keep it in a file and ./swos record import it"
        return HarnessError(problem, cure)
    return HarnessError(problem, f"make room, then: ./swos record import {name}")
