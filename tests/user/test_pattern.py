from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

import bare

pattern_module = bare.load("user/lib/pattern.py")
ITEMS = st.sampled_from(["a", "b", ".", "[ab]", "[^a]", "[a-c]", "\\.", "\\*"])
PATTERNS = st.builds(
    lambda head, items, tail: head + "".join(items) + tail,
    st.sampled_from(["", "^"]),
    st.lists(st.builds(lambda item, star: item + star, ITEMS, st.sampled_from(["", "*"]))),
    st.sampled_from(["", "$"]),
)


@given(PATTERNS, st.text(alphabet="abc.*d", max_size=12))
def test_pattern_agrees_with_the_host(source: str, line: str) -> None:
    pattern = pattern_module.Pattern()
    pattern.source = source.encode()
    assert pattern.is_valid()
    assert pattern.matches(line.encode()) == (re.search(source, line) is not None)


def test_unfinished_patterns_are_not_valid() -> None:
    for source in (b"[a", b"a\\", b"[", b"[^]"):
        pattern = pattern_module.Pattern()
        pattern.source = source
        assert not pattern.is_valid()
