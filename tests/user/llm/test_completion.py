"""Completions: what a request may say, and the text that comes out of the house model."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bare
from models.corpus import REPOSITORY
from models.reference import Tokenizer
from tests.user.llm.engines import HostEngine

HOUSE = REPOSITORY / "models" / "house"
REQUEST = bare.load("user/lib/llm/serve/completion_request.py")
STOPS = bare.load("user/lib/llm/serve/stop_strings.py")
END_OF_TEXT, LIMIT, WORD = 1, 2, 3


class Completion(NamedTuple):
    pieces: list[bytes]
    stop_type: int
    tokens: int

    @property
    def text(self) -> bytes:
        return b"".join(self.pieces)


@pytest.fixture(scope="module")
def story() -> dict[str, Any]:
    cases = json.loads((HOUSE / "golden.json").read_text())["greedy"]
    found: dict[str, Any] = next(case for case in cases if case["prompt"] == "Once upon a time")
    return found


def expected(story: dict[str, Any], tokens: int) -> bytes:
    tokenizer = Tokenizer.read(HOUSE / "tokenizer.bin")
    return tokenizer.decode(story["generated_ids"][:tokens], story["prompt_ids"][-1])


def complete(engine: HostEngine, body: bytes | dict[str, Any]) -> Completion | None:
    """Runs one completion; None where it is refused."""
    is_json = isinstance(body, dict)
    sent = json.dumps(body).encode() if isinstance(body, dict) else body
    out = engine.lend(bytes(1 << 16))
    result = engine.call("complete", engine.lend(sent), len(sent), int(is_json), out)
    if result == 0:
        return None
    written = engine.read(out, result & 0xFFFF_FFFF)
    pieces = []
    while written:
        pieces.append(written[1 : 1 + written[0]])
        written = written[1 + written[0] :]
    return Completion(pieces, result >> 32 & 0xFF, result >> 40)


def test_raw_prompt_gives_the_greedy_story(house: HostEngine, story: dict[str, Any]) -> None:
    completion = complete(house, b"Once upon a time")
    assert completion is not None
    assert completion.text == expected(story, 64)
    assert (completion.tokens, completion.stop_type) == (64, LIMIT)
    assert len(completion.pieces) > 50


def test_two_completions_in_turn_are_equal(house: HostEngine) -> None:
    body = {"prompt": "Tom and Sue", "n_predict": 30, "seed": 7, "temperature": 0.9}
    assert complete(house, body) == complete(house, body)
    assert complete(house, body) != complete(house, {**body, "seed": 8})


@pytest.mark.parametrize("words", [["upon"], ["."], [". "], ["zzz", ", there"], ["q" * 64]])
def test_text_ends_before_a_stop_string(
    house: HostEngine, story: dict[str, Any], words: list[str]
) -> None:
    whole = expected(story, 64)
    body = {"prompt": story["prompt"], "n_predict": 64, "temperature": 0, "stop": words}
    completion = complete(house, body)
    assert completion is not None
    places = [whole.find(word.encode()) for word in words if word.encode() in whole]
    if places:
        assert completion.stop_type == WORD
        assert completion.text == whole[: min(places)]
    else:
        assert completion.stop_type == LIMIT
        assert completion.text == whole


def test_every_piece_is_whole_characters(house: HostEngine) -> None:
    body = {
        "prompt": "é😀",
        "n_predict": 200,
        "temperature": 5.0,
        "top_k": 0,
        "top_p": 1,
        "seed": 3,
    }
    completion = complete(house, body)
    assert completion is not None
    for piece in completion.pieces[:-1]:
        assert not any(piece[-back:] == part for back, part in cut_characters(piece))


def cut_characters(piece: bytes) -> list[tuple[int, bytes]]:
    """Returns the tails of a piece that begin a character without ending it."""
    tails = [(back, piece[-back:]) for back in range(1, min(4, len(piece)) + 1)]
    sizes = {2: range(0xC2, 0xE0), 3: range(0xE0, 0xF0), 4: range(0xF0, 0xF5)}
    return [
        (back, tail)
        for back, tail in tails
        if any(tail[0] in firsts and back < size for size, firsts in sizes.items())
        and all(byte & 0xC0 == 0x80 for byte in tail[1:])
    ]


def test_limits(house: HostEngine) -> None:
    none = complete(house, {"prompt": "A", "n_predict": 0})
    assert none == Completion([], LIMIT, 0)
    endless = complete(house, {"prompt": "A", "n_predict": -1, "temperature": 2.0, "seed": 1})
    assert endless is not None
    assert endless.stop_type in (END_OF_TEXT, LIMIT)
    assert complete(house, b"zq " * 300) is None


def request_of(body: bytes, is_json: bool = True) -> Any:
    request = REQUEST.CompletionRequest()
    request.prompt_buffer = bytearray(REQUEST.MOST_PROMPT_BYTES)
    is_good = request.read_json(body) if is_json else request.read_raw(body)
    assert is_good == (len(request.problem) == 0)
    return request


def test_values_are_those_of_llama_cpp() -> None:
    body = {
        "prompt": "Hé\n\U0001f600",
        "n_predict": 5,
        "temperature": 0.25,
        "top_k": 3,
        "top_p": 0.5,
        "seed": 2**63 - 1,
        "stop": ["a", "bb"],
        "stream": True,
        "cache_prompt": {"x": [1, {}]},
    }
    request = request_of(json.dumps(body).encode())
    assert bytes(request.prompt).decode() == body["prompt"]
    assert (request.limit, request.temperature, request.top_k) == (5, 0.25, 3)
    assert (request.top_p, request.seed, request.is_stream) == (0.5, 2**63 - 1, True)
    assert [bytes(request.stops.get(index)) for index in range(2)] == [b"a", b"bb"]


def test_defaults() -> None:
    request = request_of(b'{"prompt":"x","seed":-1}')
    assert (request.limit, request.is_stream, request.has_seed) == (2**64 - 1, False, False)
    assert request.temperature == pytest.approx(0.8)
    raw = request_of(b"{not json", is_json=False)
    assert (bytes(raw.prompt), raw.limit, raw.temperature) == (b"{not json", 64, 0.0)
    assert raw.is_stream


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "not a JSON object"),
        (b"[]", "not a JSON object"),
        (b'{"prompt":"x"', "not valid JSON"),
        (b'{"prompt":"x"} 1', "not valid JSON"),
        (b'{"prompt":"x","y":}', "not valid JSON"),
        (b"{}", "prompt is missing"),
        (b'{"prompt":""}', "empty prompt"),
        (b'{"prompt":1}', "prompt must be a string"),
        (b'{"prompt":"' + b"x" * 9000 + b'"}', "more than 8192"),
        (b'{"prompt":"x","n_predict":1.5}', "whole numbers"),
        (b'{"prompt":"x","n_predict":1e30}', "whole numbers"),
        (b'{"prompt":"x","n_predict":"5"}', "must be numbers"),
        (b'{"prompt":"x","seed":1.5}', "seed must be a whole number"),
        (b'{"prompt":"x","stream":1}', "stream must be"),
        (b'{"prompt":"x","stop":1}', "stop must be"),
        (b'{"prompt":"x","stop":[1]}', "stop must be"),
        (b'{"prompt":"x","stop":""}', "stop takes"),
        (b'{"prompt":"x","stop":["a","b","c","d","e"]}', "stop takes"),
        (b'{"prompt":"x","stop":"' + b"s" * 65 + b'"}', "stop takes"),
        (b'{"prompt":"x","stop":"' + b"s" * 900 + b'"}', "stop takes"),
    ],
)
def test_wrong_bodies_are_refused_in_words(body: bytes, problem: str) -> None:
    request = request_of(body)
    assert problem in bytes(request.problem).decode()


def test_empty_raw_prompt_is_refused() -> None:
    assert bytes(request_of(b"", is_json=False).problem) == b"empty prompt"


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.text("ab", min_size=1, max_size=3), min_size=1, max_size=4),
    st.text("ab", max_size=8),
)
def test_stop_search_and_hold_back(words: list[str], text: str) -> None:
    stops = STOPS.StopStrings()
    for word in words:
        assert stops.add(word.encode())
    places = [text.find(word) for word in words if word in text]
    assert stops.find(text.encode()) == (min(places) if places else len(text))
    if not places:
        begun = [
            size for word in words for size in range(1, len(word)) if text.endswith(word[:size])
        ]
        assert stops.safe_length(text.encode()) == len(text) - max(begun, default=0)
