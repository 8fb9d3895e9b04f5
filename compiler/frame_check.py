"""The check of frames in a process of its own, while the program is emitted and linked.

The analysis looks at the whole program and changes nothing that the rest of a build reads, so that
a large program need not wait for it. `finish` must have returned before the result counts.
"""

from __future__ import annotations

import multiprocessing
from multiprocessing.connection import Connection
from types import TracebackType

from compiler.frontend.diagnostics import CompileError, Diagnostic
from compiler.frontend.front_end import FrontEnd
from compiler.pipeline import check_frames

LARGE_FUNCTIONS = 1000
"""A smaller program is checked sooner than a process is started."""


class FrameCheck:
    """One check, from `begin` to `finish`; left early, as after another error, it is ended."""

    def __init__(self) -> None:
        self._process: multiprocessing.process.BaseProcess | None = None
        self._answer: Connection | None = None

    def __enter__(self) -> FrameCheck:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.join()

    def begin(self, front_end: FrontEnd) -> None:
        """Starts the check; a small program is checked at once. Raises CompileError."""
        if len(front_end.functions) < LARGE_FUNCTIONS:
            check_frames(front_end)
            return
        context = multiprocessing.get_context("fork")
        self._answer, theirs = context.Pipe(duplex=False)
        self._process = context.Process(target=_check, args=(front_end, theirs))
        self._process.start()
        theirs.close()

    def finish(self) -> None:
        """Waits for the verdict. Raises CompileError with what was found, and RuntimeError when the
        process ended without one.
        """
        if self._process is None or self._answer is None:
            return
        try:
            found: list[Diagnostic] = self._answer.recv()
        except EOFError:
            raise RuntimeError("the check of frames ended without a verdict") from None
        self._process.join()
        self._process = None
        if found:
            raise CompileError(found)


def _check(front_end: FrontEnd, answer: Connection) -> None:
    try:
        check_frames(front_end)
    except CompileError as error:
        answer.send(error.diagnostics)
    else:
        answer.send([])
