"""top - show what uses CPU and memory.

usage: top [-b] [-d SECONDS] [-n FRAMES]

  -b           batch: print frames one after the other, read no keys
  -d SECONDS   time between frames, 2 when not given
  -n FRAMES    stop after so many frames

Processes are sorted by their share of CPU time since the last frame (in the first frame: since they
started). On a terminal a frame has as many as fit, on a serial line 24 lines. Keys: q and ^C end,
^Z stops, space and Enter show the next frame at once.
"""

from __future__ import annotations

from abi.signal import SIGTSTP
from abi.terminal import WindowSize
from abi.time import NS_PER_SECOND, TimeSpec
from bare import errno_of, i32, i64, inline, raises, struct, text, u64, usize
from user.lib import sys
from user.lib.arguments import Arguments, Options
from user.lib.clock import monotonic_ns
from user.lib.numbers import parse_seconds, parse_unsigned
from user.lib.report import report_error, usage_error
from user.lib.standard import standard
from user.lib.terminal import RawTerminal, read_key, wait_for_input, window_size
from user.lib.top_frame import TopFrame

LETTER_B = ord("b")
LETTER_D = ord("d")
KEY_QUIT = ord("q")
KEY_QUIT_UPPER = ord("Q")
KEY_INTERRUPT = 0x03
KEY_END = 0x04
KEY_STOP = 0x1A
KEY_SPACE = ord(" ")
KEY_ENTER = ord("\r")
KEY_NEWLINE = ord("\n")
DEFAULT_DELAY_NS: u64 = 2_000_000_000
ENDLESS: u64 = 0xFFFF_FFFF_FFFF_FFFF
UNLIMITED_LINES: usize = 0xFFFF_FFFF
CLEAR_SCREEN = "\x1b[H\x1b[2J"


@struct
class Settings:
    """What the arguments ask for."""

    is_batch: bool = False
    delay_ns: u64 = DEFAULT_DELAY_NS
    frames: u64 = ENDLESS

    def parse(self, arguments: Arguments) -> None:
        """Reads the options; a usage error ends the program."""
        options = Options(arguments, b"bd:n:")
        while options.next():
            try:
                if options.letter == LETTER_B:
                    self.is_batch = True
                elif options.letter == LETTER_D:
                    self.delay_ns = parse_seconds(options.value)
                else:
                    self.frames = parse_unsigned(options.value)
            except OSError:
                usage_error(f"not a number: {text(options.value)}")
        options.refuse_operands()


@struct
class Monitor:
    """The frame being shown and the terminal it is shown on."""

    settings: Settings = inline()
    frame: TopFrame = inline()
    terminal: RawTerminal = inline()

    @raises()
    def run(self) -> None:
        """Shows frame after frame until the last one or `q`."""
        shown: u64 = 0
        while shown < self.settings.frames:
            self.frame.update()
            if not self.settings.is_batch:
                print(CLEAR_SCREEN, end="")
            elif shown > 0:
                print("")
            self.frame.show(self.lines_max())
            standard().output.flush()
            shown += 1
            if shown < self.settings.frames and not self.wait():
                return

    def lines_max(self) -> usize:
        """Returns how many lines a frame may have: the last of a screen is the cursor's."""
        if self.settings.is_batch:
            return UNLIMITED_LINES
        size = WindowSize()
        window_size(0, size)
        return usize(size.rows) - 1

    @raises()
    def wait(self) -> bool:
        """Waits for the delay or a key; False when the user wants to end."""
        delay_ns = self.settings.delay_ns
        if self.settings.is_batch:
            interval = TimeSpec(i64(delay_ns // NS_PER_SECOND), i64(delay_ns % NS_PER_SECOND))
            sys.nanosleep(interval, None)
            return True
        end_ns = monotonic_ns() + delay_ns
        while wait_for_input(0, end_ns - min(end_ns, monotonic_ns())):
            key = read_key(0)
            if key < 0 or key in (KEY_QUIT, KEY_QUIT_UPPER, KEY_INTERRUPT, KEY_END):
                return False
            if key in (KEY_SPACE, KEY_ENTER, KEY_NEWLINE):
                return True
            if key == KEY_STOP:
                self.stop()
                return True
        return True

    @raises()
    def stop(self) -> None:
        """Stops as ^Z asks, with the terminal as it was; raw again when the job goes on."""
        self.terminal.leave()
        sys.kill(0, SIGTSTP)
        self.terminal.enter(with_signals=False)


def main(arguments: Arguments) -> i32:
    """Runs the monitor, on a terminal with raw input."""
    monitor = Monitor()
    monitor.settings.parse(arguments)
    try:
        if monitor.settings.is_batch:
            monitor.run()
        else:
            run_on_terminal(monitor)
    except OSError as error:
        report_error(b"top", errno_of(error))
        return 1
    return 0


@raises()
def run_on_terminal(monitor: Monitor) -> None:
    """Runs with raw input and restores the terminal on every way out."""
    monitor.terminal.enter(with_signals=False)
    try:
        monitor.run()
    finally:
        monitor.terminal.leave()
