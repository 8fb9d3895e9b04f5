"""The parser: what is printed parses to the same; errors and unfinished texts are told apart."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bare
from tests.user.shell.generator import Generator

rig = bare.load("tests/user/shell/rig.py")

SCRIPTS = 300


def test_printed_text_parses_to_the_same_tree() -> None:
    for seed in range(SCRIPTS):
        source = Generator(seed).command(3)
        printed = rig.reprint(source.encode())
        assert rig.reprint(printed) == printed, f"seed {seed}: {source}"


@pytest.mark.parametrize(
    ("source", "printed"),
    [
        (b"a  b # c", b"a b\n"),
        (b"a;b&c", b"a\nb &\nc\n"),
        (
            b"if a;then b;elif c;then d;else e;fi",
            b"if a\nthen b\nelse if c\nthen d\nelse e\nfi\nfi\n",
        ),
        (b"x=1 y=$z cmd>f 2>&1", b"x=1 y=${z} cmd 1>f 2>&1\n"),
        (b"echo `echo \\`x\\``", b"echo $( echo $( x\n)\n)\n"),
        (b"a\\\nb", b"ab\n"),
        (b'echo "a\\\nb"', b"echo 'ab'\n"),
        (b"echo a\\ b", b"echo a' 'b\n"),
        (b"case x in a|b) c;; esac", b"case x in\n(a | b) c\n;;\nesac\n"),
        (b"echo 2>f x2>g", b"echo x2 2>f 1>g\n"),
    ],
)
def test_tree_is_the_one_that_was_meant(source: bytes, printed: bytes) -> None:
    assert rig.reprint(source) == printed


@pytest.mark.parametrize(
    "source",
    [
        b"if a", b"if a; then", b"while a; do b", b"for i in a", b"for i in a; do b", b"case x in",
        b"case x in a) b", b"(a", b"{ a", b"a &&", b"a ||", b"a |", b"'a", b'"a', b"$(a", b"`a",
        b"${x", b"${x:-", b"$((1", b"f() {", b"cat <<E\ntext", b"a; if", b"!",
    ],
)  # fmt: skip
def test_text_that_ends_too_early_asks_for_more(source: bytes) -> None:
    assert rig.syntax_error(source) == b"more"


@pytest.mark.parametrize(
    ("source", "token"),
    [
        (b")", b")"), (b"a )", b")"), (b";", b";"), (b"a ;; b", b";;"), (b"| a", b"|"),
        (b"then a", b"then"), (b"a; fi", b"fi"), (b"if a; fi", b"fi"), (b"( )", b")"),
        (b"for 1 in a", b"bad name in a for loop"), (b"${}", b"bad substitution"),
        (b"${x!}", b"bad substitution"), (b"a <", b"newline"),
        (b"1() { a; }", b"bad name of a function"),
    ],
)  # fmt: skip
def test_text_that_is_wrong_names_the_token(source: bytes, token: bytes) -> None:
    assert rig.syntax_error(source + b"\n") == token


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab $'\"\\|;&()<>{}#\n`=*!if1-", max_size=25))
def test_no_text_traps(source: str) -> None:
    rig.syntax_error(source.encode())


def test_deep_nesting_is_refused() -> None:
    for opening in (b"(", b"$(", b'"${x:-', b"if ", b"{ ", b"`"):
        assert rig.syntax_error(opening * 3000) in (b"nested too deeply", b"more")
