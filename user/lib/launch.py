"""Starting programs: the search along PATH, and `execve` with tables of words."""

from __future__ import annotations

from abi.errno import EACCES, ENOENT, ENOTDIR
from bare import Bytes, errno_of, i32, raises, usize
from user.lib import sys
from user.lib.paths import PathBuffer
from user.lib.strings import find_byte
from user.lib.words import WordTable

SLASH = ord("/")
COLON = ord(":")
DEFAULT_PATH = b"/bin:/sbin"


@raises()
def execute(name: Bytes, search: Bytes, words: WordTable, variables: WordTable) -> None:
    """Becomes the program `name`: a path when it has a slash, else found along `search`.

    Returns only by an error: the one of the last place tried, EACCES before ENOENT.
    """
    if find_byte(name, SLASH, 0) < len(name):
        sys.execve(name, words.address(), variables.address())
        return
    worst: i32 = ENOENT
    path = PathBuffer()
    start: usize = 0
    directories = search if len(search) > 0 else DEFAULT_PATH
    while start < len(directories):
        end = find_byte(directories, COLON, start)
        try:
            path.join(directories[start:end], name)
            sys.execve(path.content(), words.address(), variables.address())
        except OSError as error:
            if errno_of(error) != ENOENT and errno_of(error) != ENOTDIR:
                worst = errno_of(error)
            if worst != ENOENT and worst != EACCES:
                raise
        start = end + 1
    raise OSError(worst)
