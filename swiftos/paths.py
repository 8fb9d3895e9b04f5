"""Where things lie in the repository. Every path in the tools starts from here."""

from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
BUILD = REPOSITORY / "build"
CACHE = REPOSITORY / ".cache"
VENV = REPOSITORY / ".venv"
LOCKS = REPOSITORY / "locks"

KERNEL_ELF = BUILD / "kernel.elf"
KERNEL_BIN = BUILD / "kernel.bin"
BASE_IMAGE = BUILD / "base.img"
VIRT_DTB = BUILD / "virt.dtb"
TEST_IMAGE = BUILD / "test.img"
PROGRAMS = BUILD / "bin"
TEST_PROGRAMS = BUILD / "test-bin"
RUNS = BUILD / "runs"
EVIDENCE = REPOSITORY / ".evidence"
PUBLISHED_RECORDS = REPOSITORY / "bench" / "records"
GUARDS = REPOSITORY / "bench" / "guards"


def relative(path: Path) -> str:
    """Returns `path` as a user of the repository would type it."""
    try:
        return str(path.resolve().relative_to(REPOSITORY))
    except ValueError:
        return str(path)
