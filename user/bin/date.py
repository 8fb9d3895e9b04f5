"""date - print the date and time.

usage: date [-u] [+FORMAT]

Without FORMAT prints YYYY-MM-DD HH:MM:SS UTC. In FORMAT stand, as POSIX has them:

  %Y %y %m %d %e %j  year, month, day    %a %A %u %w  day of the week
  %H %M %S           time                %b %B %h     name of the month
  %F %D              date                %T %R %c     time, all
  %s                 seconds since 1970-01-01 00:00:00 UTC
  %Z %z              time zone           %n %t %%     newline, tab, %
"""

from __future__ import annotations

from abi.time import CLOCK_REALTIME, TimeSpec
from bare import Bytes, errno_of, i32, text
from user.lib import sys
from user.lib.arguments import Arguments, Options
from user.lib.date_format import DateFormatter
from user.lib.dates import Date
from user.lib.report import report_error, usage_error
from user.lib.standard import standard

DEFAULT_FORMAT = b"%F %T %Z"


def format_of(arguments: Arguments) -> Bytes:
    """Returns what the arguments ask for; a usage error ends the program."""
    options = Options(arguments, b"u")
    while options.next():
        pass
    form: Bytes = DEFAULT_FORMAT
    if options.index < arguments.count and arguments.get(options.index)[:1] == b"+":
        form = arguments.get(options.index)[1:]
        options.index += 1
    options.refuse_operands()
    return form


def main(arguments: Arguments) -> i32:
    """Prints the time of CLOCK_REALTIME."""
    form = format_of(arguments)
    now = TimeSpec()
    try:
        sys.clock_gettime(CLOCK_REALTIME, now)
    except OSError as error:
        report_error(b"clock", errno_of(error))
        return 1
    date = Date()
    date.set_from_seconds(now.seconds)
    try:
        DateFormatter(standard().output, date, now.seconds).print(form)
    except OSError:
        usage_error(f"a conversion in '{text(form)}' is not known")
    print("")
    return 0
