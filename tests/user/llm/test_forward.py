"""The forward pass against the f64 oracle, with random shapes and with real models."""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models import reference
from models.corpus import REPOSITORY, default_corpus_folder, read_stories
from tests.user.llm import toys
from tests.user.llm.engines import CheckedEngine, Engine, HostEngine

HOUSE = REPOSITORY / "models" / "house"
ENDS = (reference.BOS, reference.EOS)
LARGEST_LOGIT_ERROR = 1e-3


@pytest.mark.parametrize("shape", toys.SHAPES)
def test_random_shapes_agree_with_the_oracle(engine: Engine, shape: str, tmp_path: Path) -> None:
    model = toys.random_model(toys.SHAPES[shape], seed=3)
    config = model.config
    tokens = toys.tokenizer_file(toys.toy_tokenizer(config.vocab))
    assert engine.open(toys.model_file(model, tmp_path), tokens, 1 << 20) == 0
    ids = [1, 5, 258, 7, 7, 100, 2, 30, 4, 9, 11, 3][: config.context]
    found = engine.logits(ids, config.vocab)
    expected = reference.Engine(model).advance(ids)
    assert np.max(np.abs(found - expected)) < 1e-4


def test_both_executions_give_the_same_bits(
    checked: CheckedEngine, host: HostEngine, tmp_path: Path
) -> None:
    model = toys.random_model(toys.SHAPES["odd tails"], seed=5)
    file = toys.model_file(model, tmp_path)
    tokens = toys.tokenizer_file(toys.toy_tokenizer(model.config.vocab))
    found = []
    for engine in (checked, host):
        assert engine.open(file, tokens, 1 << 20) == 0
        found.append(engine.logits([1, 40, 3, 250, 40, 6, 7, 8], model.config.vocab))
    assert np.array_equal(found[0], found[1])


def test_going_back_starts_over_from_there(host: HostEngine, tmp_path: Path) -> None:
    model = toys.random_model(toys.SHAPES["one kv head"], seed=5)
    tokens = toys.tokenizer_file(toys.toy_tokenizer(model.config.vocab))
    assert host.open(toys.model_file(model, tmp_path), tokens, 1 << 20) == 0
    first = host.logits([1, 40, 3, 250, 40], model.config.vocab)
    host.logits([9, 9, 9], model.config.vocab, first=2)
    again = host.logits([3, 250, 40], model.config.vocab, first=2)
    assert np.array_equal(first[2:], again)


def greedy(engine: Engine, prompt_ids: list[int], count: int, vocab: int) -> list[int]:
    logits = engine.logits(prompt_ids, vocab)[-1]
    generated: list[int] = []
    while len(generated) < count:
        token = int(np.argmax(logits))
        generated.append(token)
        logits = engine.logits([token], vocab, first=len(prompt_ids) + len(generated) - 1)[-1]
    return generated


@pytest.fixture(scope="module")
def golden() -> dict[str, Any]:
    cases: dict[str, Any] = json.loads((HOUSE / "golden.json").read_text())
    return cases


def test_greedy_ids_of_the_house_model_are_golden(
    house: HostEngine, golden: dict[str, Any]
) -> None:
    for case in golden["greedy"]:
        expected = case["generated_ids"]
        assert greedy(house, case["prompt_ids"], len(expected), 2048) == expected


def test_golden_logits_of_the_house_model(house: HostEngine, golden: dict[str, Any]) -> None:
    for case in golden["greedy"]:
        found = house.logits(case["prompt_ids"] + case["generated_ids"], 2048)
        for position, logits in case["logits"].items():
            error = np.max(np.abs(found[int(position)] - np.array(logits)))
            assert error < min(LARGEST_LOGIT_ERROR, case["smallest_gap"] / 2)


def test_sampled_ids_of_the_house_model_are_golden(
    house: HostEngine, golden: dict[str, Any]
) -> None:
    for case in golden["sampled"]:
        house.set_knobs(*(case[name] for name in ("temperature", "top_p", "top_k", "seed")))
        logits = house.logits(case["prompt_ids"], 2048)[-1]
        generated: list[int] = []
        while len(generated) < len(case["generated_ids"]):
            generated.append(house.choose(logits))
            position = len(case["prompt_ids"]) + len(generated) - 1
            logits = house.logits([generated[-1]], 2048, first=position)[-1]
        assert generated == case["generated_ids"]
        assert case["smallest_margin"] > 1e-5


@pytest.mark.slow
def test_whole_context_teacher_forced(house: HostEngine, golden: dict[str, Any]) -> None:
    ids = [token for case in golden["greedy"] for token in (1, *case["generated_ids"])][:512]
    expected = reference.Engine(reference.read_model(HOUSE / "model.bin")).advance(ids)
    found = house.logits(ids, 2048)
    assert len(ids) == 512
    assert np.max(np.abs(found - expected)) < LARGEST_LOGIT_ERROR


def test_published_model_agrees_with_its_golden_file(host: HostEngine) -> None:
    default = REPOSITORY.parent / "shared" / "data" / "models" / "stories260K"
    folder = Path(os.environ.get("SWIFTOS_STORIES260K", default))
    if not folder.is_dir():
        pytest.skip("the published model stories260K is not beside the repository")
    files = [(folder / name).read_bytes() for name in ("stories260K.bin", "tok512.bin")]
    assert host.open(files[0], files[1]) == 0
    for case in json.loads((folder / "golden.json").read_text())["cases"]:
        assert host.encode(case["prompt"].encode()) == case["prompt_ids"]
        expected = case["generated_ids"]
        assert greedy(host, case["prompt_ids"], len(expected), 512) == expected
        found = host.logits(case["prompt_ids"], 512)[-1]
        error = np.max(np.abs(found - np.array(case["logits_at_last_prompt_position"])))
        assert error < LARGEST_LOGIT_ERROR


@pytest.mark.slow
def test_held_out_story_teacher_forced(house: HostEngine) -> None:
    path = default_corpus_folder() / "valid.txt.xz"
    if not path.exists():
        pytest.skip("the story corpus is not beside the repository")
    story = max(read_stories(path)[:50], key=len)
    ids = house.encode(story.encode())[:512]
    expected = reference.Engine(reference.read_model(HOUSE / "model.bin")).advance(ids)
    assert len(ids) > 200
    assert np.max(np.abs(house.logits(ids, 2048) - expected)) < LARGEST_LOGIT_ERROR
