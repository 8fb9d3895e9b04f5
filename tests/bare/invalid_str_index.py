"""`str` is text: it has no length, no index, no methods."""

from __future__ import annotations

from bare import u8, usize


def length(word: str) -> usize:
    return len(word)


def first(word: str) -> u8:
    return word[0]


def shout(word: str) -> str:
    return word.upper()


def both(left: str, right: str) -> str:
    return left + right

# error[E0316] 9:12-20: str has no length
#   help: use `len(encode(s))` for its bytes
# error[E0316] 13:12-18: str has no index
#   help: use `encode(s)` for its bytes
# error[E0203] 17:12-21: str has no method 'upper'
#   help: use `encode(s)` for its bytes
# error[E0306] 21:12-23: `+` is not defined on str
#   help: use a function or a conversion that says what is meant
