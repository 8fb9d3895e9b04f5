"""wget - fetch a file over HTTP.

usage: wget [-cq] [-O FILE] URL

  -c       go on with a file whose beginning is there
  -O FILE  write to FILE, `-` being standard output; else the name at the end of URL
  -q       say nothing unless something fails

HTTP/1.1 without encryption; up to ten redirections are followed. The exit status is 0 if the whole
file came.
"""

from __future__ import annotations

from abi.errno import EPROTONOSUPPORT
from abi.error_text import strerror
from abi.file import AT_FDCWD, O_APPEND, O_CLOEXEC, O_CREAT, O_TRUNC, O_WRONLY, Stat
from bare import Bytes, allocate, errno_of, i32, inline, raises, struct, text, u32, u64
from bare.lib.text import Text
from user.lib import sys
from user.lib.arguments import Arguments, Options
from user.lib.inputs import close_quietly
from user.lib.net.http_fetch import HttpFetch
from user.lib.net.url import HTTP, HTTPS, Url, has_prefix, has_scheme
from user.lib.report import report, report_error, usage_error
from user.lib.standard import standard

LETTER_C = ord("c")
LETTER_UPPER_O = ord("O")
SLASH = ord("/")
STANDARD_OUTPUT: i32 = 1
MOST_REDIRECTIONS = 10
FILE_MODE: u32 = 0o644
FAILED = 1
OK: u32 = 200
PARTIAL: u32 = 206
RANGE_REFUSED: u32 = 416


@struct
class Settings:
    """What the arguments say."""

    url: Bytes = b""
    output: Bytes = b""
    resumes: bool = False
    is_quiet: bool = False

    def parse(self, arguments: Arguments) -> None:
        """Reads the arguments; ends the program where they are wrong."""
        options = Options(arguments, b"cqO:")
        while options.next():
            if options.letter == LETTER_C:
                self.resumes = True
            elif options.letter == LETTER_UPPER_O:
                self.output = options.value
            else:
                self.is_quiet = True
        if options.index + 1 != arguments.count:
            usage_error("one URL is to be given")
        self.url = arguments.get(options.index)


@struct
class Download:
    """One file on its way."""

    settings: Settings
    fetch: HttpFetch
    url: Url = inline()
    address: Text = inline()
    """The URL that is asked now."""
    next_address: Text = inline()
    file: i32 = -1
    start: u64 = 0
    """Bytes that were there already."""

    @raises()
    def run(self) -> i32:
        """Follows redirections to the file and writes it; returns the exit status."""
        self.address.allocator = standard().heap
        self.next_address.allocator = standard().heap
        self.address.append(self.settings.url)
        for _ in range(MOST_REDIRECTIONS + 1):
            self.url.parse(self.address.view())
            self.find_start()
            self.fetch.open(self.url, self.start)
            if not self.fetch.head.is_redirection():
                return self.take()
            self.redirect(self.fetch.head.location)
            self.fetch.close()
        report("too many redirections")
        return FAILED

    def find_start(self) -> None:
        """With -c asks for what is behind the bytes that are there."""
        self.start = 0
        if self.settings.resumes and self.output_name() != b"-":
            record = Stat()
            try:
                sys.newfstatat(AT_FDCWD, self.output_name(), record, 0)
                self.start = u64(record.size_bytes)
            except OSError:
                self.start = 0

    def output_name(self) -> Bytes:
        """Returns the file to write."""
        if len(self.settings.output) > 0:
            return self.settings.output
        return self.url.file_name()

    @raises()
    def redirect(self, location: Bytes) -> None:
        """Goes to where a response sends us, which may be relative to where we are."""
        self.next_address.clear()
        if has_scheme(location):
            if has_prefix(location, HTTPS):
                report(f"redirected to {text(location)}")
                raise OSError(EPROTONOSUPPORT)
            self.next_address.append(location)
        else:
            self.next_address.append(HTTP)
            if len(location) > 1 and location[0] == SLASH and location[1] == SLASH:
                self.next_address.append(location[2:])
            else:
                self.next_address.append(self.url.authority)
                if location[0] != SLASH:
                    self.next_address.append(self.url.target[: self.url.folder_length()])
                self.next_address.append(location)
        self.address.clear()
        self.address.append(self.next_address.view())

    @raises()
    def take(self) -> i32:
        """Writes the file that the last response brings; returns the exit status."""
        head = self.fetch.head
        if self.start > 0 and head.status == RANGE_REFUSED:
            self.say("the file is complete")
            return 0
        if head.status != OK and not self.is_rest():
            report(f"{head.status} {text(head.reason)}")
            return FAILED
        self.open_output()
        total = self.fetch.copy_body(self.file)
        if self.file != STANDARD_OUTPUT:
            sys.close(self.file)
            if not self.settings.is_quiet:
                report(f"{text(self.output_name())}: {total} bytes")
        return 0

    def is_rest(self) -> bool:
        """Whether the response holds what was asked for behind `start`."""
        head = self.fetch.head
        if head.status != PARTIAL or self.start == 0:
            return False
        return head.has_range and head.range_start == self.start

    @raises()
    def open_output(self) -> None:
        """Opens the file to write to, at its end for the rest of one."""
        if self.output_name() == b"-":
            self.file = STANDARD_OUTPUT
            return
        flags = O_WRONLY | O_CREAT | O_CLOEXEC
        flags |= O_APPEND if self.fetch.head.status == PARTIAL else O_TRUNC
        self.file = sys.openat(AT_FDCWD, self.output_name(), flags, FILE_MODE)

    def say(self, message: str) -> None:
        """Says something unless -q was given."""
        if not self.settings.is_quiet:
            report(f"{message}")


def main(arguments: Arguments) -> i32:
    """Fetches one file."""
    settings = Settings()
    settings.parse(arguments)
    try:
        fetch = allocate(standard().heap, HttpFetch)
        download = Download(settings, fetch)
        try:
            return download.run()
        finally:
            close_quietly(fetch.descriptor)
    except OSError as error:
        if errno_of(error) == EPROTONOSUPPORT:
            report(f"{text(settings.url)}: only plain http is known: {strerror(EPROTONOSUPPORT)}")
        else:
            report_error(settings.url, errno_of(error))
    return FAILED
