"""Reads the story corpus: packed text files outside the repository.

A corpus folder holds `train-*.txt.xz` and `valid.txt.xz`; a line that begins with `#` at the top of
a file is a notice; stories are parted by a line `<|endoftext|>`.
"""

import hashlib
import lzma
import os
from pathlib import Path

STORY_END = "<|endoftext|>"
REPOSITORY = Path(__file__).resolve().parent.parent


def default_corpus_folder() -> Path:
    """Returns the folder named by SWIFTOS_TINYSTORIES, or the one beside the repository."""
    named = os.environ.get("SWIFTOS_TINYSTORIES")
    return Path(named) if named else REPOSITORY.parent / "shared" / "data" / "tinystories"


def read_stories(path: Path) -> list[str]:
    """Returns the stories of one packed file, without the notice on its first line."""
    with lzma.open(path, "rt", encoding="utf-8") as packed:
        text = packed.read()
    if text.startswith("#"):
        text = text.split("\n", 1)[1]
    stories = (story.strip("\n") for story in text.split(STORY_END))
    return [story for story in stories if story]


def read_training_stories(folder: Path) -> list[str]:
    """Returns all training stories of a corpus folder, file by file in name order."""
    paths = sorted(folder.glob("train-*.txt.xz"))
    if not paths:
        raise FileNotFoundError(f"no train-*.txt.xz in {folder}")
    return [story for path in paths for story in read_stories(path)]


def corpus_hashes(folder: Path) -> dict[str, str]:
    """Returns the SHA-256 of each packed file of the corpus, by file name."""
    paths = sorted(folder.glob("*.txt.xz"))
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}
