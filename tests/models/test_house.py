"""The shipped model: its files are what the manifest says, its golden cases hold, it is good."""

import hashlib
import json
import tomllib
from typing import Any

import numpy as np
import pytest

from models.corpus import REPOSITORY, default_corpus_folder, read_stories
from models.golden import greedy_case, sampled_case
from models.quality import measure
from models.reference import Model, Tokenizer, read_model

FOLDER = REPOSITORY / "models" / "house"
LARGEST_BITS_PER_CHARACTER = 0.80
FIRST_STORIES = 12
FIRST_STORIES_BITS_PER_CHARACTER = 0.6216  # easier than the rest, and the only ones scored here


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    return tomllib.loads((FOLDER / "manifest.toml").read_text())


@pytest.fixture(scope="module")
def golden() -> dict[str, Any]:
    cases: dict[str, Any] = json.loads((FOLDER / "golden.json").read_text())
    return cases


@pytest.fixture(scope="module")
def model() -> Model:
    return read_model(FOLDER / "model.bin")


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.read(FOLDER / "tokenizer.bin")


@pytest.mark.parametrize("section", ["model", "tokenizer"])
def test_files_have_the_size_and_hash_of_the_manifest(
    section: str, manifest: dict[str, Any], golden: dict[str, Any]
) -> None:
    record = manifest["file"][section]
    content = (FOLDER / record["path"]).read_bytes()
    assert len(content) == record["size"]
    assert hashlib.sha256(content).hexdigest() == record["sha256"]
    assert golden[f"{section}_sha256"] == record["sha256"]


def test_manifest_has_the_shape_of_the_weights(manifest: dict[str, Any], model: Model) -> None:
    shape = dict(manifest["shape"])
    assert shape.pop("tied") == model.config.is_tied
    assert shape == {name: getattr(model.config, name) for name in shape}
    assert len(shape) == 7


def test_dimensions_suit_blocks_of_32(model: Model) -> None:
    config = model.config
    assert config.dim % 32 == config.hidden % 32 == config.head_size % 32 == 0


@pytest.mark.slow
def test_golden_cases_hold(golden: dict[str, Any], model: Model, tokenizer: Tokenizer) -> None:
    for case in golden["greedy"]:
        again = greedy_case(model, tokenizer, case["prompt"])
        assert again["generated_ids"] == case["generated_ids"]
        for position, logits in case["logits"].items():
            assert again["logits"][position] == pytest.approx(logits, abs=2e-6)
        assert case["smallest_gap"] > 10 * case["f32_largest_error"]
    for case in golden["sampled"]:
        again = sampled_case(model, tokenizer, case)
        assert again["generated_ids"] == case["generated_ids"]
        assert again["first_coins"] == case["first_coins"]


def test_weights_are_finite_and_every_piece_is_used_once(
    model: Model, tokenizer: Tokenizer
) -> None:
    assert all(np.isfinite(tensor).all() for tensor in model.tensors.values())
    assert len(tokenizer.pieces) == model.config.vocab
    assert len(set(tokenizer.pieces)) == model.config.vocab


def test_claimed_quality_passes_the_gate(manifest: dict[str, Any]) -> None:
    quality = manifest["quality"]
    assert quality["story_bits_per_character"] <= LARGEST_BITS_PER_CHARACTER
    assert quality["packed_bits_per_character"] <= LARGEST_BITS_PER_CHARACTER


@pytest.mark.slow
def test_first_held_out_stories_have_their_quality(model: Model, tokenizer: Tokenizer) -> None:
    path = default_corpus_folder() / "valid.txt.xz"
    if not path.exists():
        pytest.skip("the story corpus is not beside the repository")
    measures = measure(model, tokenizer, read_stories(path)[:FIRST_STORIES])
    found = measures["story_bits_per_character"]
    assert found == pytest.approx(FIRST_STORIES_BITS_PER_CHARACTER, abs=1e-3)
