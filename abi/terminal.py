"""Terminals. Linux AArch64, include/uapi/asm-generic/{termbits,termios,ioctls}.h."""

from bare import Array, array, struct, u8, u16, u32

TCGETS: u32 = 0x5401
TCSETS: u32 = 0x5402
TCSETSW: u32 = 0x5403
TCSETSF: u32 = 0x5404
TCFLSH: u32 = 0x540B
TIOCSCTTY: u32 = 0x540E
TIOCGPGRP: u32 = 0x540F
TIOCSPGRP: u32 = 0x5410
TIOCGWINSZ: u32 = 0x5413
TIOCSWINSZ: u32 = 0x5414
FIONREAD: u32 = 0x541B
FIONBIO: u32 = 0x5421
TIOCNOTTY: u32 = 0x5422
TIOCGSID: u32 = 0x5429

# Input modes.
BRKINT: u32 = 0o000002
ICRNL: u32 = 0o000400
INLCR: u32 = 0o000100
IGNCR: u32 = 0o000200
ISTRIP: u32 = 0o000040
IXON: u32 = 0o002000
IMAXBEL: u32 = 0o020000
IUTF8: u32 = 0o040000

# Output modes.
OPOST: u32 = 0o000001
ONLCR: u32 = 0o000004

# Control modes.
B115200: u32 = 0o010002
CS8: u32 = 0o000060
CREAD: u32 = 0o000200
HUPCL: u32 = 0o002000

# Local modes.
ISIG: u32 = 0o000001
ICANON: u32 = 0o000002
ECHO: u32 = 0o000010
ECHOE: u32 = 0o000020
ECHOK: u32 = 0o000040
ECHONL: u32 = 0o000100
NOFLSH: u32 = 0o000200
TOSTOP: u32 = 0o000400
ECHOCTL: u32 = 0o001000
ECHOKE: u32 = 0o004000
IEXTEN: u32 = 0o100000

# Indices of `Termios.control`.
VINTR = 0
VQUIT = 1
VERASE = 2
VKILL = 3
VEOF = 4
VTIME = 5
VMIN = 6
VSTART = 8
VSTOP = 9
VSUSP = 10
VEOL = 11
VREPRINT = 12
VDISCARD = 13
VWERASE = 14
VLNEXT = 15
VEOL2 = 16

NCCS = 19


@struct(size=36)
class Termios:
    """The kernel's `struct termios`, what TCGETS and TCSETS carry."""

    input: u32 = 0
    output: u32 = 0
    control_modes: u32 = 0
    local: u32 = 0
    line: u8 = 0
    control: Array[u8] = array(NCCS)


@struct(size=8)
class WindowSize:
    """`struct winsize`: 0 rows mean that nobody has told the kernel."""

    rows: u16 = 0
    columns: u16 = 0
    width_pixels: u16 = 0
    height_pixels: u16 = 0
