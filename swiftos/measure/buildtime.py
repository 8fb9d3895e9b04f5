"""Times builds in a copy: from scratch, with nothing changed, with one kernel file changed.

The copy has no `build/` folder, so nothing of an earlier build helps. A change is a comment line in
front of the first statement of one kernel file: every line number behind it moves.
"""

import shutil
import subprocess
import sys
import time
from pathlib import Path

from swiftos import paths, sabotage
from swiftos.errors import ProductError
from swiftos.evidence import metrics
from swiftos.evidence.record import Metric, Sample

REPEATS = 3
CHANGED_FILE = "kernel/main.py"


def measure() -> list[Metric]:
    """Returns the three build times in seconds."""
    copy = paths.BUILD / "measure-tree"
    sabotage.make_copy(paths.REPOSITORY, copy)
    shutil.rmtree(copy / "build", ignore_errors=True)
    scratch = [timed_build(copy)]
    nothing = [timed_build(copy) for _ in range(REPEATS)]
    changed = []
    for number in range(REPEATS):
        change(copy / CHANGED_FILE, number)
        changed.append(timed_build(copy))
    shutil.rmtree(copy)
    return [
        _metric("build.scratch", scratch),
        _metric("build.unchanged", nothing),
        _metric("build.one-file", changed, CHANGED_FILE),
    ]


def change(path: Path, number: int) -> None:
    """Puts a comment line behind the module's docstring."""
    head, quotes, rest = path.read_text().partition('"""\n\n')
    path.write_text(f"{head}{quotes}# change {number}\n{rest}")


def timed_build(folder: Path) -> float:
    """Returns the seconds of a whole `./swos build` in a folder."""
    command = [sys.executable, str(folder / "swos"), "build"]
    started_s = time.monotonic()
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    elapsed_s = time.monotonic() - started_s
    if result.returncode:
        raise ProductError(f"the copy does not build: {result.stderr[-500:]}", "./swos build")
    return elapsed_s


def _metric(name: str, values: list[float], note: str = "") -> Metric:
    samples = (Sample(value, boot) for boot, value in enumerate(values))
    return metrics.metric(name, samples, note)
