"""Guest tests that fail beside others and pass alone: told from tests that fail.

A guest shares its host with other tests, so that a failure can be the host's doing. Alone, it has
no such excuse. A test that needed this is printed and counted: it is a fault to look for, in the
test or in the system, and more than a few of them fail the run.
"""

from __future__ import annotations

import json
from pathlib import Path

from swiftos import paths

GUEST_TESTS = "tests/guest/"
LAST_FAILED = Path(".pytest_cache/v/cache/lastfailed")


def forget_failures(root: Path = paths.REPOSITORY) -> None:
    """Drops what an earlier run left, so that `failures` tells of the next run only."""
    (root / LAST_FAILED).unlink(missing_ok=True)


def failures(root: Path = paths.REPOSITORY) -> list[str]:
    """Returns the tests that failed in the last run, as pytest names them."""
    record = root / LAST_FAILED
    return sorted(json.loads(record.read_text("utf-8"))) if record.exists() else []


def may_be_unsteady(failed: list[str], most: int) -> bool:
    """Whether the failures are few and all of tests that share the host with others."""
    return 0 < len(failed) <= most and all(name.startswith(GUEST_TESTS) for name in failed)
