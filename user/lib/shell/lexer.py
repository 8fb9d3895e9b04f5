"""From text to tokens and words. POSIX.1-2017, XCU 2.2, 2.3 and 2.6.

`Lexer` holds the text, the position and the token at hand. Words with command substitutions need the
grammar, which derives from the lexer (`user/lib/shell/parser.py`) and gives `read_commands`.

Errors: EINVAL with `message` for what can never become right, ENODATA where the text ends too early
and more text may help.
"""

from __future__ import annotations
