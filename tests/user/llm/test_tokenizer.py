import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.corpus import REPOSITORY, default_corpus_folder, read_stories
from models.reference import BOS, Tokenizer
from tests.user.llm import toys
from tests.user.llm.engines import Engine, HostEngine

HOUSE = REPOSITORY / "models" / "house"
EDGES = (
    "", " ", "  ", "     a", "a ", "the the", "\n", "\n\n", "a\tb", "0123456789", "abc abab bcbc",
    "é", "éé the", "Tom — ☃ and 🎈🎈", "<0x41>", "<s>", "</s>\n<s>\n", "<unk>", "▁", "\x00\x01",
)  # fmt: skip


def toy_model(folder: Path) -> bytes:
    config = toys.Config(8, 6, 1, 2, 1, 290, 8)
    return toys.model_file(toys.random_model(config, seed=1), folder)


@pytest.fixture
def toy(engine: Engine, tmp_path: Path) -> Engine:
    tokens = toys.tokenizer_file(toys.toy_tokenizer())
    assert engine.open(toy_model(tmp_path), tokens, 1 << 20) == 0
    return engine


@pytest.mark.parametrize("text", EDGES)
def test_edges_encode_as_the_oracle_says_and_decode_to_themselves(toy: Engine, text: str) -> None:
    ids = toy.encode(text.encode())
    assert ids == toys.toy_tokenizer().encode(text)
    assert toy.decode(ids) == text.encode()


@pytest.mark.parametrize(
    "text",
    [b"\x80", b"a\xbf\xbfb", b"\xff\xfe", b"\xe2\x98", b"\xf0\x9f\x8e", b"\xc3(", b"ab\x80 the"],
)
def test_bytes_that_are_no_text_survive(toy: Engine, text: bytes) -> None:
    ids = toy.encode(text)
    assert ids[0] == BOS
    assert toy.decode(ids) == text


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(alphabet=" abcdefghinrthé.☃\n", max_size=60))
def test_any_text_encodes_as_the_oracle_says(toy: Engine, text: str) -> None:
    ids = toy.encode(text.encode())
    assert ids == toys.toy_tokenizer().encode(text)
    assert toy.decode(ids) == text.encode()


def pieces_of(engine: Engine, text: bytes) -> list[bytes]:
    tokenizer = toys.toy_tokenizer()
    return [tokenizer.pieces[token] for token in engine.encode(text)[1:]]


def test_best_score_merges_first(toy: Engine) -> None:
    assert pieces_of(toy, b"nabc") == [b" ", b"n", b"ab", b"c"]
    assert pieces_of(toy, b"the") == [b" the"]


def test_equal_scores_merge_from_the_left(toy: Engine) -> None:
    assert pieces_of(toy, b"naaa") == [b" ", b"n", b"aa", b"a"]
    assert pieces_of(toy, b"naaaaa") == [b" ", b"n", b"aa", b"aa", b"a"]


def test_first_piece_after_the_start_loses_its_space_and_no_other_does(toy: Engine) -> None:
    the = toys.toy_tokenizer().ids[b" the"]
    assert toy.decode([BOS, the, the]) == b"the the"
    assert toy.decode([the, the]) == b" the"


def test_ten_thousand_characters(host: HostEngine, tmp_path: Path) -> None:
    assert host.open(toy_model(tmp_path), toys.tokenizer_file(toys.toy_tokenizer()), 1 << 21) == 0
    text = b"the abab bcd and the " * 480
    ids = host.encode(text)
    assert len(text) > 10000
    assert len(ids) < len(text) / 2
    assert host.decode(ids) == text


@pytest.fixture
def house(host: HostEngine, tmp_path: Path) -> HostEngine:
    """The house tokenizer beside a model that is no bigger than it must be."""
    config = toys.Config(4, 4, 1, 1, 1, 2048, 4)
    model = toys.model_file(toys.random_model(config, seed=1), tmp_path)
    assert host.open(model, (HOUSE / "tokenizer.bin").read_bytes()) == 0
    return host


def test_golden_prompts_have_their_ids(house: HostEngine) -> None:
    golden = json.loads((HOUSE / "golden.json").read_text())
    for case in golden["greedy"] + golden["sampled"]:
        assert house.encode(case["prompt"].encode()) == case["prompt_ids"]


@pytest.mark.parametrize("text", EDGES)
def test_house_tokenizer_agrees_with_the_oracle(house: HostEngine, text: str) -> None:
    assert house.encode(text.encode()) == Tokenizer.read(HOUSE / "tokenizer.bin").encode(text)


@pytest.mark.slow
def test_every_story_of_the_corpus_survives(house: HostEngine) -> None:
    folder = default_corpus_folder()
    if not folder.is_dir():
        pytest.skip("the story corpus is not beside the repository")
    generator = np.random.default_rng(1)
    oracle = Tokenizer.read(HOUSE / "tokenizer.bin")
    stories = [story for path in sorted(folder.glob("*.xz")) for story in read_stories(path)]
    compared = set(generator.integers(len(stories), size=40).tolist())
    for index, story in enumerate(stories):
        ids = house.encode(story.encode())
        assert house.decode(ids) == story.encode()
        if index in compared:
            assert ids == oracle.encode(story)
        house.buffers[4:] = []
