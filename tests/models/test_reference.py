import json
import os
from math import cos, sin
from pathlib import Path

import numpy as np
import pytest

from models.corpus import REPOSITORY
from models.golden import greedy_case, sampled_case
from models.reference import (
    BOS,
    Config,
    Engine,
    Model,
    Sampler,
    Tokenizer,
    read_model,
    rms_norm,
    rotate,
    silu,
    softmax,
    write_model,
)

SHAPES = {
    "kv equals heads": Config(16, 24, 2, 4, 4, 30, 12),
    "kv below heads": Config(24, 20, 3, 6, 2, 17, 9),
    "one kv head": Config(8, 6, 1, 4, 1, 11, 16),
    "untied": Config(16, 40, 2, 2, 1, 19, 8, is_tied=False),
}


Vector = list[float]


def random_model(config: Config, seed: int) -> Model:
    generator = np.random.default_rng(seed)
    tensors = {
        name: generator.normal(size=shape).astype(np.float32) / np.float32(3)
        for name, shape in config.tensors()
    }
    return Model(config, tensors)


def logits_by_loops(model: Model, ids: list[int]) -> list[float]:
    """The last token's logits, with scalar arithmetic only, straight from the formulas."""
    config = model.config
    w = {name: tensor.astype(float).tolist() for name, tensor in model.tensors.items()}
    size = config.head_size
    keys: list[list[Vector]] = [[] for _ in range(config.layers)]
    values: list[list[Vector]] = [[] for _ in range(config.layers)]

    def norm(x: Vector, weight: Vector) -> Vector:
        scale = (sum(a * a for a in x) / len(x) + 1e-5) ** -0.5
        return [a * scale * b for a, b in zip(x, weight, strict=True)]

    def times(matrix: list[Vector], x: Vector) -> Vector:
        return [sum(a * b for a, b in zip(row, x, strict=True)) for row in matrix]

    def turn(x: Vector, position: int) -> Vector:
        turned = []
        for i in range(0, len(x), 2):
            angle = position / 10000.0 ** ((i % size) / size)
            turned.append(x[i] * cos(angle) - x[i + 1] * sin(angle))
            turned.append(x[i] * sin(angle) + x[i + 1] * cos(angle))
        return turned

    for position, token in enumerate(ids):
        x = w["embedding"][token]
        for layer in range(config.layers):
            normed = norm(x, w["attention_norm"][layer])
            q = turn(times(w["wq"][layer], normed), position)
            keys[layer].append(turn(times(w["wk"][layer], normed), position))
            values[layer].append(times(w["wv"][layer], normed))
            mixed: Vector = []
            for head in range(config.heads):
                at = head // (config.heads // config.kv_heads) * size
                mine = q[head * size : head * size + size]
                weights = [
                    np.exp(
                        sum(a * b for a, b in zip(mine, k[at : at + size], strict=True)) / size**0.5
                    )
                    for k in keys[layer]
                ]
                mixed += [
                    sum(a * v[at + i] for a, v in zip(weights, values[layer], strict=True))
                    / sum(weights)
                    for i in range(size)
                ]
            x = [a + b for a, b in zip(x, times(w["wo"][layer], mixed), strict=True)]
            normed = norm(x, w["ffn_norm"][layer])
            gates = times(w["w1"][layer], normed)
            ups = times(w["w3"][layer], normed)
            inner = [a / (1 + np.exp(-a)) * b for a, b in zip(gates, ups, strict=True)]
            x = [a + b for a, b in zip(x, times(w["w2"][layer], inner), strict=True)]
    last = norm(x, w["final_norm"])
    return times(w["embedding" if config.is_tied else "classifier"], last)


@pytest.mark.parametrize("shape", SHAPES)
def test_forward_agrees_with_scalar_loops(shape: str) -> None:
    model = random_model(SHAPES[shape], seed=4)
    ids = [token % model.config.vocab for token in (1, 5, 5, 9, 2, 8)]
    logits = Engine(model).advance(ids)[-1]
    assert logits == pytest.approx(logits_by_loops(model, ids), abs=1e-10)


@pytest.mark.parametrize("shape", SHAPES)
def test_tokens_one_by_one_equal_tokens_at_once(shape: str) -> None:
    model = random_model(SHAPES[shape], seed=6)
    ids = [1, 3, 7, 7, 2, 10]
    at_once = Engine(model).advance(ids)
    engine = Engine(model)
    one_by_one = np.concatenate([engine.advance([token]) for token in ids])
    assert np.max(np.abs(at_once - one_by_one)) < 1e-12


@pytest.mark.parametrize("shape", SHAPES)
def test_written_model_reads_back(shape: str, tmp_path: Path) -> None:
    model = random_model(SHAPES[shape], seed=8)
    write_model(tmp_path / "model.bin", model)
    again = read_model(tmp_path / "model.bin")
    assert again.config == model.config
    assert all(np.array_equal(again.tensors[name], model.tensors[name]) for name in again.tensors)


@pytest.mark.parametrize("change", [-4, 4])
def test_wrong_length_is_refused(change: int, tmp_path: Path) -> None:
    path = tmp_path / "model.bin"
    write_model(path, random_model(SHAPES["one kv head"], seed=1))
    raw = path.read_bytes()
    path.write_bytes(raw[:change] if change < 0 else raw + bytes(change))
    with pytest.raises(ValueError):
        read_model(path)


def test_context_is_a_limit() -> None:
    engine = Engine(random_model(SHAPES["untied"], seed=2))
    engine.advance([1] * 8)
    with pytest.raises(ValueError, match="exceed 8"):
        engine.advance([1])


def test_layers_at_their_edges() -> None:
    x = np.array([-100.0, -1.0, 0.0, 1.0, 100.0])
    assert silu(x) == pytest.approx([0, -0.2689414213699951, 0, 0.7310585786300049, 100])
    assert softmax(np.array([1000.0, 1000.0])) == pytest.approx([0.5, 0.5])
    assert rms_norm(np.zeros(4), np.ones(4)) == pytest.approx([0, 0, 0, 0])
    pair = np.ones((1, 1, 2))
    assert rotate(pair, np.array([3]))[0, 0] == pytest.approx([cos(3) - sin(3), sin(3) + cos(3)])


def tiny_tokenizer() -> Tokenizer:
    single = [bytes([byte]) for byte in b" abc"]
    merged = [b"ab", b"bc", b" a", b" ab"]
    bytes_ = [f"<0x{byte:02X}>".encode() for byte in range(256)]
    pieces = [b"<unk>", b"\n<s>\n", b"\n</s>\n", *bytes_, *merged, *single]
    scores = [0.0] * 259 + [-1.0, -1.0, -3.0, -2.0] + [-9.0] * 4
    return Tokenizer(pieces, scores)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", []),
        ("abc", [b" ab", b"c"]),
        ("bc", [b" ", b"bc"]),
        ("  ab", [b" ", b" ", b" ab"]),
        ("a\n", [b" a", b"<0x0A>"]),
        ("é", [b" ", b"<0xC3>", b"<0xA9>"]),
    ],
)
def test_best_leftmost_pair_merges_first(text: str, pieces: list[bytes]) -> None:
    tokenizer = tiny_tokenizer()
    ids = tokenizer.encode(text)
    assert [tokenizer.pieces[token] for token in ids[1:]] == pieces
    assert tokenizer.decode(ids[1:]) == text.encode()


def test_leading_space_is_dropped_after_bos_only() -> None:
    tokenizer = tiny_tokenizer()
    ids = tokenizer.encode("ab")
    assert tokenizer.decode(ids[1:], previous=BOS) == b"ab"
    assert tokenizer.decode(ids[1:], previous=5) == b" ab"


@pytest.mark.slow
def test_sampler_frequencies_follow_the_softmax() -> None:
    logits = np.array([0.0, 1.0, 2.0, -1.0, 0.5])
    sampler = Sampler(temperature=0.7, top_p=1.0, top_k=0, seed=3)
    counts = np.bincount([sampler.choose(logits) for _ in range(20000)], minlength=5)
    expected = 20000 * softmax(logits / 0.7)
    assert np.sum((counts - expected) ** 2 / expected) < 18.5  # 4 degrees of freedom, p = 0.001


@pytest.mark.parametrize(
    "sampler",
    [Sampler(0.0, 0.9, 0, 1), Sampler(1.0, 1e-6, 0, 1), Sampler(1.0, 1.0, 1, 1)],
    ids=["temperature 0", "top-p near 0", "top-k 1"],
)
def test_limits_of_the_sampler_are_greedy(sampler: Sampler) -> None:
    logits = np.array([0.0, 3.0, 3.0, 1.0])
    assert [sampler.choose(logits) for _ in range(20)] == [1] * 20


def test_top_k_and_top_p_keep_only_the_likely() -> None:
    logits = np.log(np.array([0.05, 0.4, 0.3, 0.25]))
    by_k = Sampler(1.0, 1.0, 2, 9)
    by_p = Sampler(1.0, 0.6, 0, 9)
    assert {by_k.choose(logits) for _ in range(200)} == {1, 2}
    assert {by_p.choose(logits) for _ in range(200)} == {1, 2}


def published_model() -> Path:
    default = REPOSITORY.parent / "shared" / "data" / "models" / "stories260K"
    folder = Path(os.environ.get("SWIFTOS_STORIES260K", default))
    if not folder.is_dir():
        pytest.skip("the published model stories260K is not beside the repository")
    return folder


@pytest.mark.slow
def test_published_model_gives_its_published_ids_and_logits() -> None:
    folder = published_model()
    golden = json.loads((folder / "golden.json").read_text())
    model = read_model(folder / "stories260K.bin")
    tokenizer = Tokenizer.read(folder / "tok512.bin")
    for case in golden["cases"]:
        ours = greedy_case(model, tokenizer, case["prompt"])
        count = min(len(ours["generated_ids"]), len(case["generated_ids"]))
        assert ours["prompt_ids"] == case["prompt_ids"]
        assert count > 100
        assert ours["generated_ids"][:count] == case["generated_ids"][:count]
        at_prompt = ours["logits"][str(len(case["prompt_ids"]) - 1)]
        assert at_prompt == pytest.approx(case["logits_at_last_prompt_position"], abs=2e-6)
    for case in golden["sampled"]:
        names = ("prompt", "temperature", "top_p", "seed")
        ours = sampled_case(model, tokenizer, {"top_k": 0, **{name: case[name] for name in names}})
        count = len(ours["generated_ids"])
        assert count > 100
        assert ours["first_coins"] == case["first_coins"]
        assert ours["generated_ids"] == case["generated_ids"][:count]
