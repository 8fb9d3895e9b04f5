"""`Problem`: what is wrong with an image, and where."""

from __future__ import annotations

from abi.errno import EUCLEAN
from bare import raises, struct, u64


@struct
class Problem:
    """The first fault found. `offset` is in bytes from the start of the image."""

    text: str = ""
    offset: u64 = 0

    @raises(EUCLEAN)
    def require(self, condition: bool, offset: u64, text: str) -> None:
        """Notes the problem and raises EUCLEAN unless `condition` holds."""
        if not condition:
            self.text = text
            self.offset = offset
            raise OSError(EUCLEAN)
