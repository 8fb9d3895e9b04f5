"""Imports inside functions, star imports, and modules that exist at compile time only."""

from __future__ import annotations

import math

from bare import f64, u32
from bare.lib.crc32c import *  # noqa: F403

TABLE_SIZE = math.isqrt(256)


def root(value: f64) -> f64:
    return math.sqrt(value)


def late() -> u32:
    import bare

    return 0

# error[E0004] 8:29-29: `import *` hides where names come from
#   help: import each name
# error[E0004] 14:12-15: math comes from math, which exists at compile time only
#   help: compute what you need at module level and keep it in a constant
# error[E0004] 18:5-15: an import inside a function
#   help: import at module level
