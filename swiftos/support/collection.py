"""Gathers the bundle: texts by name, redacted, and the archive made of them."""

import gzip
import io
import os
import platform
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from swiftos import paths, runfolder, version
from swiftos.errors import ToolError, UsageError
from swiftos.evidence import report
from swiftos.evidence.record import encode
from swiftos.evidence.store import Store, short
from swiftos.hostcheck import Check, check_all
from swiftos.support.redact import Redactor

TOP = "support"
NEWEST_RECORDS = 3
LARGEST_TEXT = 512 * 1024
"""Characters of one file; of longer ones the beginning and the end are kept, half each."""
GUEST_TEXTS = ("console.log",)
RUN_TEXTS = ("argv.json", "profile.json", "artifacts.json", "qemu.log", "harness.log")
ARTIFACTS = (paths.KERNEL_ELF, paths.KERNEL_BIN, paths.BASE_IMAGE, paths.VIRT_DTB)
FORM = """\
Title:
Revision: {revision}
Host tools: tools-check.txt
What I ran:
Expected:
Actual:
Evidence: {evidence}
Reproducibility: (always, or how many times of how many)
Local changes: {changes}
Severity: (S0 nothing boots, S1 wrong or lost data, S2 a function fails, S3 a nuisance, S4 a wish)

Before you hand it on:
1. The revision is one that others have, or the change is attached.
2. ./swos doctor finds all that is needed.
3. The failure happens on a fresh build (./swos clean, ./swos build).
4. What was typed is written above, word by word.
5. The run that failed is the one in run/ (./swos support --run NAME takes another).
6. A failure that comes and goes was run three times, and all three are attached.
7. redactions.txt says what was taken out; read the rest before you send it.
8. Figures come with their record (records/), not by themselves.
"""


def gather(run: Path | None, store: Store, redactor: Redactor) -> dict[str, str]:
    """Returns the texts of a bundle by their names in it."""
    records = _records(store, redactor)
    changes = version.status_lines()
    texts = {
        "git-head.txt": redactor.host_text(version.revision()),
        "git-status.txt": redactor.host_text("\n".join(changes)),
        "tools-check.txt": redactor.host_text("\n".join(tool_lines(check_all()))),
        "versions.txt": redactor.host_text("\n".join(_versions())),
        **(_run(run, redactor) if run else {}),
        **records,
    }
    evidence = "run/, records/" if run and records else "run/" if run else "records/"
    form = FORM.format(
        revision=texts["git-head.txt"],
        evidence=evidence,
        changes="none" if len(changes) < 2 else "git-status.txt",
    )
    counted = "\n".join(f"{kind}: {count}" for kind, count in sorted(redactor.counts.items()))
    return {"README.txt": form, **texts, "redactions.txt": counted}


def newest_run(label: str | None = None, folder: Path = paths.RUNS) -> Path | None:
    """Returns the newest run folder, or the newest whose name begins with `label`."""
    found = [path for path in folder.glob(f"{label or ''}*") if path.is_dir()]
    if label and not found:
        raise UsageError(f"no run begins with {label}", f"ls {paths.relative(folder)}")
    return max(found, key=lambda path: path.stat().st_mtime, default=None)


def archive(texts: Mapping[str, str]) -> bytes:
    """Returns a compressed archive of the texts; the same texts give the same bytes."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as bundle:
        for name in sorted(texts):
            data = texts[name].encode()
            entry = tarfile.TarInfo(f"{TOP}/{name}")
            entry.size = len(data)
            bundle.addfile(entry, io.BytesIO(data))
    return gzip.compress(packed.getvalue(), mtime=0)


def tool_lines(checks: Iterable[Check]) -> list[str]:
    """Returns a line for each tool of the host."""
    return [
        f"{check.tool:22}{'found' if check.is_found else 'missing':9}"
        f"{check.version or '-':14}needs {check.needed}"
        for check in checks
    ]


def _versions() -> list[str]:
    """Returns versions of tools and system, and the built artifacts by content."""
    built = [runfolder.describe(path) for path in ARTIFACTS if path.exists()]
    lines = [f"{row['name']}: {row['bytes']} bytes, sha256 {row['sha256']}" for row in built]
    return [
        version.version_text(),
        f"commit {version.commit()}, branch {version.branch() or '(none)'}",
        f"python {platform.python_version()}, {platform.system()} {platform.machine()}",
        f"{os.cpu_count()} CPUs",
        *(lines or ["nothing is built"]),
    ]


def _run(run: Path, redactor: Redactor) -> dict[str, str]:
    """Returns the texts of a run folder."""
    texts = {}
    for name in (*GUEST_TEXTS, *RUN_TEXTS):
        path = run / name
        if path.exists():
            text = shortened(path.read_text(errors="replace"))
            texts[f"run/{name}"] = _redacted(name, text, redactor)
    return texts


def _redacted(name: str, text: str, redactor: Redactor) -> str:
    """Returns a run's text by what kind it is."""
    if name in GUEST_TEXTS:
        return redactor.text(text)
    return redactor.json_text(text) if name.endswith(".json") else redactor.host_text(text)


def _records(store: Store, redactor: Redactor) -> dict[str, str]:
    """Returns the newest records, as reports and as JSON; a damaged one is named."""
    texts = {}
    records, damages = store.scan()
    for name, record in records[-NEWEST_RECORDS:]:
        try:
            rendered = report.render(name, record)
        except ToolError as error:
            rendered = error.message
        texts[f"records/{short(name)}.txt"] = redactor.host_text(rendered)
        texts[f"records/{short(name)}.json"] = redactor.json_text(encode(record).decode())
    if damages:
        lines = [f"{damage.path.name}: {damage.error.message}" for damage in damages]
        texts["records/damaged.txt"] = redactor.host_text("\n".join(lines))
    return texts


def shortened(text: str) -> str:
    """Returns a long text without its middle."""
    if len(text) <= LARGEST_TEXT:
        return text
    half = LARGEST_TEXT // 2
    left_out = len(text) - 2 * half
    return f"{text[:half]}\n... {left_out} characters left out ...\n{text[-half:]}"
