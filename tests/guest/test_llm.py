"""`/bin/llm` writes what the f64 oracle says, and refuses files that are not what they must be."""

import json
import re
from typing import Any

import pytest

from models.corpus import REPOSITORY
from models.reference import Tokenizer
from swiftos.guest import Guest
from swiftos.measure import llm

BUDGET_S = 120
FOLDER = REPOSITORY / "models" / "house"
REPORT = re.compile(r"llm: (\d+) tokens in (\d+) ms \((\d+\.\d) tok/s\)")


def golden(engine: str) -> dict[str, Any]:
    """Returns the cases of an engine, f32 or int8."""
    name = {"f32": "golden.json", "int8": "golden-int8.json"}[engine]
    cases: dict[str, Any] = json.loads((FOLDER / name).read_text())
    return cases


def expected_text(case: dict[str, Any], count: int) -> str:
    tokenizer = Tokenizer.read(FOLDER / "tokenizer.bin")
    added = tokenizer.decode(case["generated_ids"][:count], case["prompt_ids"][-1])
    text: str = case["prompt"] + added.decode()
    return text


def story_of(text: str) -> str:
    return text.split("--- output ---\n", 1)[1].split("\n--- end ---", 1)[0]


def test_greedy_story_is_the_golden_one(shell: Guest) -> None:
    case = next(c for c in golden("int8")["greedy"] if c["prompt"] == "Once upon a time")
    output = shell.run_command("llm", BUDGET_S)
    assert output.status == 0
    assert story_of(output.text) == expected_text(case, 64)
    lines = output.text.splitlines()
    assert lines[:4] == [
        "llm: generation 2 rejected (model size/sha256 mismatch)",
        "llm: weights mmap'd file-backed from /models",
        "llm: house dim=128 layers=5 heads=4 vocab=2048",
        "llm: generating 64 tokens (greedy)",
    ]
    assert lines[-1] == "llm: done"
    report = REPORT.fullmatch(lines[-2])
    assert report is not None
    tokens, milliseconds, rate = (float(number) for number in report.groups())
    assert tokens == 64
    assert rate == pytest.approx(1000 * tokens / milliseconds, rel=0.02)


@pytest.mark.parametrize("engine", ["int8", "f32"])
def test_seeded_story_is_the_golden_one(shell: Guest, engine: str) -> None:
    case = next(case for case in golden(engine)["sampled"] if case["seed"] == 42)
    options = f"--engine {engine} --temp 0.8 --top-p 0.95 --seed 42"
    output = shell.run_command(f'llm {options} "{case["prompt"]}" 40', BUDGET_S)
    assert output.status == 0
    assert story_of(output.text) == expected_text(case, 40)


def test_steps_end_with_the_context(shell: Guest) -> None:
    output = shell.run_command("llm --temp 1 --seed 3 Tom 100000 | head -n 3", BUDGET_S)
    announced = re.search(r"generating (\d+) tokens", output.text)
    assert announced is not None
    assert 500 < int(announced[1]) < 512


def test_prompt_longer_than_the_context_is_refused_with_both_numbers(shell: Guest) -> None:
    output = shell.run_command('llm "' + "zq " * 300 + '"', BUDGET_S)
    assert output.status == 2
    assert re.search(r"the prompt has \d+ tokens, the model's context 512", output.text)


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("llm --seed 0", "the seed is at least 1"),
        ("llm --temp warm", "temp: not a number: warm"),
        ("llm --engine q4", "engine: int8 or f32, not q4"),
        ("llm --wisdom 3", "unknown option --wisdom"),
        ("llm --top-k", "needs a value"),
        ("llm a 5 b", "too many words"),
    ],
)
def test_wrong_use_is_refused(shell: Guest, command: str, message: str) -> None:
    output = shell.run_command(command, BUDGET_S)
    assert output.status == 2
    assert message in output.text


def test_truncated_weights_are_refused_by_their_manifest_and_without_it(shell: Guest) -> None:
    shell.run_command("mkdir /tmp/cut && cp /models/house/1/manifest.toml /tmp/cut", BUDGET_S)
    shell.run_command("cp /models/house/1/tokenizer.bin /tmp/cut", BUDGET_S)
    shell.run_command("head -n 3 /models/house/1/model.bin > /tmp/cut/model.bin", BUDGET_S)
    by_manifest = shell.run_command("llm --model /tmp/cut/model.bin", BUDGET_S)
    shell.run_command("rm /tmp/cut/manifest.toml", BUDGET_S)
    by_header = shell.run_command("llm --model /tmp/cut/model.bin", BUDGET_S)
    shell.run_command("rm -r /tmp/cut", BUDGET_S)
    assert (by_manifest.status, by_header.status) == (1, 1)
    assert "llm: cannot load /tmp/cut/model.bin: model size/sha256 mismatch" in by_manifest.text
    assert re.search(
        r"truncated: shorter than the header asks for \(\d+ bytes, not \d+\)", by_header.text
    )


def test_missing_weights_are_named(shell: Guest) -> None:
    output = shell.run_command("llm --model /models/none.bin", BUDGET_S)
    assert output.status == 1
    assert "llm: cannot load /models/none.bin: no such file or directory" in output.text.lower()


def test_measured_story_has_the_report_and_leaves_the_shell_usable(shell: Guest) -> None:
    story = llm.tell(shell, 16)
    assert story.tokens == 16
    assert llm.PROMPT_TEXT in story.text
    assert shell.run_command("echo back", BUDGET_S).text.strip() == "back"
