"""Builds what has changed: programs and kernel by the compiler, in parallel, then the base image.

A target is fresh when the hash of its sources and the state of its output are as the last build
left them; the compiler's own content-addressed cache makes the rest quick. Everything lies under
`build/`. `build/mode` says whether the artifacts are release or debug ones.
"""

import fcntl
import hashlib
import json
import os
import platform
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from swiftos import compiling, elfstrip, imagespec, packer, paths
from swiftos.compiling import Outcome
from swiftos.errors import ProductError
from swiftos.fingerprint import Fingerprints
from swiftos.imagespec import ImageSpec
from swiftos.targets import Target, kernel_target

STATE = paths.BUILD / "state"
MODE = paths.BUILD / "mode"
IMAGE_NAME = "default"
IMAGE_SOURCES = ("abi/baseimage.py", "swiftos/packer.py", "swiftos/imagespec.py", "images", "base")


@dataclass(frozen=True)
class Plan:
    """What to build. A partial build goes on behind errors and packs what programs there are."""

    is_debug: bool = False
    is_partial: bool = False
    has_kernel: bool = True
    images: tuple[str, ...] = (IMAGE_NAME,)


def build(plan: Plan) -> Iterator[str]:
    """Builds what changed of kernel, programs and images; yields a line for each thing done.

    Raises ProductError with all diagnostics when something does not compile: at once, or at the
    end of a partial build. Two builds of one tree wait for each other.
    """
    started_s = time.monotonic()
    with _exclusive():
        specs = [imagespec.load(name) for name in plan.images]
        kernel = [kernel_target()] if plan.has_kernel else []
        failures: list[Outcome] = []
        yield from _build([*kernel, *_programs(specs)], plan, failures)
        if failures and not plan.is_partial:
            raise _failure(failures)
        for spec in specs:
            yield from build_image(spec, plan.is_partial)
    if failures:
        raise _failure(failures)
    yield f"built in {time.monotonic() - started_s:.1f} s"


def has_debug_artifacts() -> bool:
    """Says whether the last build was a debug one."""
    return MODE.exists() and MODE.read_text().strip() == "debug"


@contextmanager
def _exclusive() -> Iterator[None]:
    """Holds the lock of the tree's build folder."""
    STATE.mkdir(parents=True, exist_ok=True)
    with open(STATE / "lock", "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def image_path(name: str) -> Path:
    """Returns where an image is built."""
    return paths.BASE_IMAGE if name == IMAGE_NAME else paths.BUILD / f"{name}.img"


def _programs(specs: list[ImageSpec]) -> list[Target]:
    """Returns the programs of several images, each once."""
    found = {
        target.name: target for spec in specs for target in imagespec.program_targets(spec).values()
    }
    return [found[name] for name in sorted(found)]


def _build(targets: list[Target], plan: Plan, failures: list[Outcome]) -> Iterator[str]:
    """Compiles the targets that are stale, on all CPUs; adds to `failures` what did not compile."""
    mode = "debug" if plan.is_debug else "release"
    prints = Fingerprints(STATE / "files.json")
    salt = f"{mode} {platform.python_version()} {_lock_hash()}"
    wanted = {target.name: prints.of_paths(target.sources, salt) for target in targets}
    prints.save()
    stale = [target for target in targets if not _is_built(target, wanted[target.name])]
    for target in stale:
        target.output.parent.mkdir(parents=True, exist_ok=True)
        _mark_path(target.output).unlink(missing_ok=True)
    if stale:
        yield from _compile(stale, wanted, plan.is_debug, failures)
    MODE.write_text(mode + "\n")


def _compile(
    stale: list[Target], wanted: dict[str, str], is_debug: bool, failures: list[Outcome]
) -> Iterator[str]:
    """Compiles targets in worker processes."""
    processors = os.cpu_count() or 1
    workers = min(len(stale), processors)
    jobs = max(1, processors // workers)
    with ProcessPoolExecutor(workers) as pool:
        waiting = [pool.submit(compiling.compile_target, one, is_debug, jobs) for one in stale]
        for number, future in enumerate(as_completed(waiting), 1):
            outcome = future.result()
            if outcome.errors:
                failures.append(outcome)
            else:
                _mark(outcome.target.output, wanted[outcome.target.name])
            state = "FAILED" if outcome.errors else f"{outcome.seconds:.1f} s"
            yield f"[{number}/{len(stale)}] {outcome.target.name} ({state})"


def _failure(failures: list[Outcome]) -> ProductError:
    """Returns the error with every diagnostic once, however many programs share its file."""
    ordered = sorted(failures, key=lambda outcome: outcome.target.name)
    unique = dict.fromkeys(error for outcome in ordered for error in outcome.errors)
    names = ", ".join(outcome.target.name for outcome in ordered)
    text = "\n".join([*unique, f"{len(unique)} errors; not built: {names}"])
    return ProductError(text, "correct the lines above")


def build_image(spec: ImageSpec, is_partial: bool) -> Iterator[str]:
    """Packs an image if anything in it changed; a partial one without the missing programs."""
    programs = imagespec.program_targets(spec)
    if is_partial:
        programs = {path: one for path, one in programs.items() if one.output.exists()}
    output = image_path(spec.name)
    sources = [paths.REPOSITORY / name for name in IMAGE_SOURCES]
    sources += [target.output for target in programs.values()]
    for _, source in spec.files:
        sources += sorted(paths.REPOSITORY.glob(source))
    prints = Fingerprints(STATE / "files.json")
    wanted = prints.of_paths(sources, f"image {spec.mtime_s} {sorted(programs)}")
    prints.save()
    if _is_fresh(output, wanted):
        return
    contents = {
        path: elfstrip.stripped(target.output.read_bytes()) for path, target in programs.items()
    }
    image = packer.pack(imagespec.gather(spec, contents), spec.mtime_s)
    write_if_changed(output, image)
    _mark(output, wanted)
    yield f"{output.name}: {len(image):,} bytes, {len(programs)} programs"


def write_if_changed(path: Path, content: bytes) -> None:
    """Writes a file in one step, and not at all if it already has this content."""
    if path.exists() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    temporary.write_bytes(content)
    temporary.replace(path)


def _mark(output: Path, fingerprint: str) -> None:
    """Notes that an output belongs to the sources with this hash."""
    status = output.stat()
    STATE.mkdir(parents=True, exist_ok=True)
    content = {"fingerprint": fingerprint, "ns": status.st_mtime_ns, "size": status.st_size}
    _mark_path(output).write_text(json.dumps(content))


def _is_built(target: Target, fingerprint: str) -> bool:
    """Says whether all that a target makes is there and up to date."""
    return _is_fresh(target.output, fingerprint) and all(path.exists() for path in target.beside)


def _is_fresh(output: Path, fingerprint: str) -> bool:
    """Says whether an output is what the sources with this hash were last built into."""
    mark = _mark_path(output)
    if not output.exists() or not mark.exists():
        return False
    status = output.stat()
    noted = json.loads(mark.read_text())
    current = {"fingerprint": fingerprint, "ns": status.st_mtime_ns, "size": status.st_size}
    return bool(noted == current)


def _mark_path(output: Path) -> Path:
    return STATE / f"{output.parent.name}-{output.name}.json"


def _lock_hash() -> str:
    return hashlib.sha256((paths.LOCKS / "tools.txt").read_bytes()).hexdigest()
