"""What a build leaves in `build/`: sizes, hashes, memory footprints, and what must exist to run."""

from dataclasses import dataclass
from pathlib import Path

from elftools.elf.elffile import ELFFile

from swiftos import paths
from swiftos.baseimage import BaseImage
from swiftos.errors import MissingToolError

MODEL_FOLDER = "/models"


@dataclass(frozen=True)
class Footprint:
    """Sizes in bytes: the flat kernel, what it adds as zeroed memory, the image and its models."""

    kernel_elf: int
    kernel_bin: int
    kernel_bss: int
    base_image: int
    models: int

    @property
    def kernel_memory(self) -> int:
        """The flat binary plus its zeroed memory."""
        return self.kernel_bin + self.kernel_bss

    @property
    def base_without_models(self) -> int:
        """The image less the data pages of the models."""
        return self.base_image - self.models


def require(*needed: Path) -> None:
    """Raises MissingToolError, with the command that makes it, unless every file exists."""
    for path in needed:
        if not path.exists():
            cure = "./swos build --image test" if path == paths.TEST_IMAGE else "./swos build"
            raise MissingToolError(f"{paths.relative(path)} does not exist", cure)


def footprint(folder: Path = paths.BUILD) -> Footprint:
    """Measures the artifacts in a build folder."""
    names = (paths.KERNEL_ELF.name, paths.KERNEL_BIN.name, paths.BASE_IMAGE.name)
    elf, flat, packed = (folder / name for name in names)
    require(elf, flat, packed)
    image = BaseImage.open(packed)
    models = sum(
        -(-node.size // 4096) * 4096
        for path, node in image.walk()
        if path.startswith(MODEL_FOLDER + "/")
    )
    return Footprint(
        kernel_elf=elf.stat().st_size,
        kernel_bin=flat.stat().st_size,
        kernel_bss=bss_size(elf),
        base_image=packed.stat().st_size,
        models=models,
    )


def bss_size(path: Path) -> int:
    """Returns how many bytes an ELF's segments add as zeros behind the file's last content."""
    with open(path, "rb") as handle:
        loads = [
            segment.header
            for segment in ELFFile(handle).iter_segments()
            if segment.header.p_type == "PT_LOAD" and segment.header.p_memsz
        ]
    file_end = max(load.p_paddr + load.p_filesz for load in loads if load.p_filesz)
    memory_end = max(load.p_paddr + load.p_memsz for load in loads)
    return max(0, int(memory_end - file_end))
