"""What integers cost in quality stays within bounds, on our model and on a published one."""

import os
from pathlib import Path

import pytest

from models.corpus import REPOSITORY, default_corpus_folder, read_stories
from models.integer_quality import compare
from models.reference import Tokenizer, read_model

HOUSE = REPOSITORY / "models" / "house"
PUBLISHED = REPOSITORY.parent / "shared" / "data" / "models" / "stories260K"
STORIES = 3
LARGEST_LOSS_CHANGE_PERCENT = 1.0
LARGEST_DIVERGENCE = 0.01
SMALLEST_EQUAL_PERCENT = 95.0


def assert_close(weights: Path, tokenizer: Path, stories: list[str]) -> None:
    figures = compare(read_model(weights), Tokenizer.read(tokenizer), stories)
    assert figures["tokens"] > 300
    assert abs(figures["loss_change_percent"]) < LARGEST_LOSS_CHANGE_PERCENT
    assert 0 < figures["mean_divergence"] < LARGEST_DIVERGENCE
    assert figures["likeliest_equal_percent"] >= SMALLEST_EQUAL_PERCENT


@pytest.fixture(scope="module")
def held_out() -> list[str]:
    path = default_corpus_folder() / "valid.txt.xz"
    if not path.exists():
        pytest.skip("the story corpus is not beside the repository")
    return read_stories(path)[:STORIES]


@pytest.mark.slow
def test_house_model_in_integers_is_as_good(held_out: list[str]) -> None:
    assert_close(HOUSE / "model.bin", HOUSE / "tokenizer.bin", held_out)


@pytest.mark.slow
def test_published_model_in_integers_is_as_good(held_out: list[str]) -> None:
    folder = Path(os.environ.get("SWIFTOS_STORIES260K", PUBLISHED))
    if not folder.is_dir():
        pytest.skip("the published model stories260K is not beside the repository")
    assert_close(folder / "stories260K.bin", folder / "tok512.bin", held_out)
