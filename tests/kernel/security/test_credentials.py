"""Authority only shrinks, and what was missing is remembered."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bare import load

CREDENTIALS = load("kernel/security/credentials.py")
MASKS = st.integers(0, 2**64 - 1)


@given(MASKS, st.lists(MASKS, max_size=5))
def test_masks_only_shrink(start, keeps):
    credentials = CREDENTIALS.Credentials(capabilities=start)
    for keep in keeps:
        before = credentials.capabilities
        assert credentials.restrict(keep) == before & keep
        assert credentials.capabilities & ~before == 0


@given(MASKS, MASKS)
def test_missing_capabilities_are_remembered(held, wanted):
    credentials = CREDENTIALS.Credentials(capabilities=held)
    assert credentials.demand(wanted) == (wanted & ~held == 0)
    assert credentials.denied == (0 if wanted & ~held == 0 else wanted)


def test_user_numbers():
    root, user = CREDENTIALS.Credentials(1), CREDENTIALS.Credentials(7)
    assert (root.user_number(), user.user_number()) == (0, 7)
    assert root.may_signal(user)
    assert not user.may_signal(root)
    assert user.may_signal(CREDENTIALS.Credentials(7))
