"""Measures the artifacts: kernel and image, the files in the image, the functions of the kernel."""

from swiftos import artifacts
from swiftos.baseimage import BaseImage
from swiftos.evidence.metrics import one
from swiftos.evidence.record import Metric, Workload
from swiftos.measure.observation import Observation
from swiftos.measure.plan import Measurement, Part, as_described
from swiftos.qemu import Profile
from swiftos.symbols import Symbols

SMALLEST_SYMBOL = 512
"""Functions below this many bytes are in the kernel's size only."""


def measure() -> list[Metric]:
    """Returns the sizes that the project bounds."""
    sizes = artifacts.footprint()
    return [
        one("size.kernel-memory", sizes.kernel_memory),
        one("size.base-without-models", sizes.base_without_models),
        one("size.base-image", sizes.base_image),
    ]


def observe_footprint(profile: Profile, seen: Observation) -> None:
    """Adds the sizes of the artifacts; no guest is booted."""
    sizes = artifacts.footprint(profile.kernel.parent)
    seen.add("size.kernel-elf", sizes.kernel_elf)
    seen.add("size.kernel-bin", sizes.kernel_bin)
    seen.add("size.kernel-memory", sizes.kernel_memory)
    seen.add("size.base-image", sizes.base_image)
    seen.add("size.base-without-models", sizes.base_without_models)


def observe_parts(profile: Profile, seen: Observation) -> None:
    """Adds the sizes of artifacts, files and large functions."""
    observe_footprint(profile, seen)
    assert profile.base_image is not None
    for path, node in BaseImage.open(profile.base_image).walk():
        if node.size:
            seen.add(f"size.file{path}", node.size)
    by_name: dict[str, int] = {}
    for function in Symbols(profile.kernel.with_suffix(".elf")).functions:
        by_name[function.name] = by_name.get(function.name, 0) + function.size
    for name, size in by_name.items():
        if size >= SMALLEST_SYMBOL:
            seen.add(f"size.symbol/{name}", size)


FOOTPRINT = Part(
    title="sizes of the artifacts",
    workload=Workload("footprint", 1, {}),
    describe=as_described,
    observe=observe_footprint,
    most_boots=1,
)
PARTS = Part(
    title="sizes of artifacts, files and functions",
    workload=Workload("sizes", 1, {}),
    describe=as_described,
    observe=observe_parts,
    most_boots=1,
)
MEASUREMENT = Measurement(
    name="sizes",
    claim="how large kernel and image are, and what in them is",
    parts=(PARTS,),
    boundaries=("does not prove: memory pressure at run time, which a size alone never shows",),
    proofs=("./swos build",),
)
