"""A stack for each test of this folder."""

import pytest

from tests.kernel.net.rig import StackRig, checked_rig


@pytest.fixture
def rig() -> StackRig:
    return checked_rig()
