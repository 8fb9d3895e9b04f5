"""One folder per launch of a guest, holding all that a report about it needs.

`argv.json` the command, `profile.json` the guest, `artifacts.json` sizes and SHA-256 of what was
booted, `console.log` the serial line from the first byte (written by QEMU itself), `qemu.log`
QEMU's own messages, `harness.log` what the harness typed and waited for. Old folders are removed;
the newest are kept.
"""

import hashlib
import json
import os
import shutil
import tempfile
import time
from dataclasses import asdict
from enum import Enum
from pathlib import Path
from typing import Any

from swiftos import paths
from swiftos.qemu import Profile

KEPT_FOLDERS = 100
SECONDS_BEFORE_REMOVAL = 3600


class RunFolder:
    """The files of one launch. Use `RunFolder.create`; the folder exists from then on."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.console_log = path / "console.log"
        self.qemu_log = path / "qemu.log"
        self._started_s = time.monotonic()
        self._harness_log = path / "harness.log"

    @classmethod
    def create(cls, label: str, parent: Path = paths.RUNS) -> "RunFolder":
        """Makes a fresh folder named after `label` and removes old ones beside it."""
        parent.mkdir(parents=True, exist_ok=True)
        _prune(parent)
        stamp = time.strftime("%H%M%S")
        safe = "".join(letter if letter.isalnum() else "-" for letter in label)[:60]
        return cls(Path(tempfile.mkdtemp(prefix=f"{safe}-{stamp}-", dir=parent)))

    def record(self, profile: Profile, argv: list[str]) -> None:
        """Writes what is about to be run."""
        self._write("argv.json", argv)
        self._write("profile.json", asdict(profile))
        files = [profile.kernel, *([profile.base_image] if profile.base_image else [])]
        self._write("artifacts.json", [describe(path) for path in files if path.exists()])

    def note(self, text: str) -> None:
        """Appends a line to the harness's log, stamped with seconds since the launch."""
        elapsed_s = time.monotonic() - self._started_s
        with open(self._harness_log, "a") as handle:
            handle.write(f"[{elapsed_s:10.3f}] {text}\n")

    def _write(self, name: str, content: Any) -> None:
        text = json.dumps(content, indent=2, default=_encode)
        (self.path / name).write_text(text + "\n")


def describe(path: Path) -> dict[str, str | int]:
    """Returns name, size in bytes and SHA-256 of a file."""
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    return {"name": paths.relative(path), "bytes": len(content), "sha256": digest}


def _encode(value: object) -> str:
    """Spells the values that JSON does not know."""
    if isinstance(value, Path):
        return paths.relative(value)
    if isinstance(value, Enum):
        return str(value.value)
    raise TypeError(f"cannot store {type(value).__name__}")


def _prune(parent: Path) -> None:
    """Removes folders beyond the newest KEPT_FOLDERS that are old enough not to be in use."""
    found = []
    for entry in os.scandir(parent):
        try:
            found.append((entry.stat().st_mtime, entry.path))
        except FileNotFoundError:
            continue
    limit_s = time.time() - SECONDS_BEFORE_REMOVAL
    for modified_s, path in sorted(found, reverse=True)[KEPT_FOLDERS:]:
        if modified_s < limit_s:
            shutil.rmtree(path, ignore_errors=True)
