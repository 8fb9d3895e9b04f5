"""`Console`: the lines of an interactive shell, from a terminal."""

from __future__ import annotations

from abi.terminal import WindowSize
from bare import Bytes, i32, inline, raises, struct, u8
from bare.lib.text import Text
from user.lib.shell.editor import EditResult, LineEditor
from user.lib.shell.interrupt import wait_for_key
from user.lib.standard import standard
from user.lib.terminal import RawTerminal, read_key, window_size

TERMINAL: i32 = 0


@struct
class Console:
    """A terminal with line editing."""

    editor: LineEditor
    terminal: RawTerminal = inline()

    @raises()
    def read_line(self, prompt: Bytes, into: Text, was_killed: bool) -> EditResult:
        """Reads a line and appends it with its newline. Never EDITING.

        `was_killed`: a signal ended or stopped the last command, which cannot have tidied up: the
        terminal becomes what it was before it.
        """
        output = standard().errors
        size = WindowSize()
        window_size(TERMINAL, size)
        self.terminal.descriptor = TERMINAL
        if was_killed:
            self.terminal.leave()
        self.terminal.enter(False)
        result = EditResult.EDITING
        try:
            output.by_line = False
            self.editor.begin(prompt, size.columns)
            while result == EditResult.EDITING:
                output.flush()
                if not wait_for_key(TERMINAL):
                    window_size(TERMINAL, size)
                    self.editor.resize(size.columns)
                    continue
                key = read_key(TERMINAL)
                if key < 0:
                    result = EditResult.END
                else:
                    result = self.editor.key(u8(key))
        finally:
            output.flush()
            output.by_line = True
            self.terminal.leave()
        if result == EditResult.DONE:
            self.editor.history.add(self.editor.line())
            into.append(self.editor.line())
            into.append(b"\n")
        return result
