"""Conditional requests: whether what a client knows still holds (RFC 9110, 13)."""

from __future__ import annotations

from bare import i64
from user.lib.http.dates import NO_DATE, parse_date
from user.lib.http.entity_tag import has_same_tag, has_strong_tag
from user.lib.http.fields import Field
from user.lib.http.file_facts import FileFacts
from user.lib.http.request import FieldLines, Method, Request
from user.lib.http.status import Status


def check_conditions(request: Request, file: FileFacts, now: i64) -> Status:
    """Evaluates the preconditions in the order of RFC 9110, 13.2.2.

    PRECONDITION_FAILED, NOT_MODIFIED, or CONTINUE where the request is to be carried out. Dates
    that are not valid, or stand in more than one line, are as if they were not there.
    """
    if request.has(Field.IF_MATCH):
        if not matches(request, Field.IF_MATCH, file):
            return Status.PRECONDITION_FAILED
    elif request.has(Field.IF_UNMODIFIED_SINCE):
        since = date_in(request, Field.IF_UNMODIFIED_SINCE, now)
        if since != NO_DATE and file.modified > since:
            return Status.PRECONDITION_FAILED
    is_reading = request.method in (Method.GET, Method.HEAD)
    if request.has(Field.IF_NONE_MATCH):
        if matches(request, Field.IF_NONE_MATCH, file):
            return Status.NOT_MODIFIED if is_reading else Status.PRECONDITION_FAILED
    elif request.has(Field.IF_MODIFIED_SINCE) and is_reading:
        since = date_in(request, Field.IF_MODIFIED_SINCE, now)
        if since != NO_DATE and file.modified <= since:
            return Status.NOT_MODIFIED
    return Status.CONTINUE


def matches(request: Request, field: Field, file: FileFacts) -> bool:
    """Whether one of the lines of `field` is `*` or has the file's tag.

    If-Match compares strongly, If-None-Match weakly (RFC 9110, 13.1.1 and 13.1.2).
    """
    lines = FieldLines(request, field)
    while lines.next():
        if lines.value == b"*":
            return True
        if field == Field.IF_MATCH:
            if has_strong_tag(lines.value, file.tag.view()):
                return True
        elif has_same_tag(lines.value, file.tag.view()):
            return True
    return False


def date_in(request: Request, field: Field, now: i64) -> i64:
    """Returns the date in a field, NO_DATE where there is not exactly one."""
    if request.count(field) != 1:
        return NO_DATE
    return parse_date(request.value(field), now)


def may_use_range(request: Request, file: FileFacts, now: i64) -> bool:
    """Whether If-Range, if it is there, lets a range be sent (RFC 9110, 13.1.5).

    A date counts only where it is a strong validator: the file is older than this second.
    """
    if not request.has(Field.IF_RANGE):
        return True
    if request.count(Field.IF_RANGE) != 1:
        return False
    value = request.value(Field.IF_RANGE)
    if has_strong_tag(value, file.tag.view()):
        return True
    return parse_date(value, now) == file.modified and file.modified < now
