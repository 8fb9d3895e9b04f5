"""`JobControl`: what a terminal asks of processes. `kernel/proc` implements it."""

from __future__ import annotations

from abc import ABC, abstractmethod

from bare import i32, struct


@struct
class JobControl(ABC):
    """Groups and sessions as a terminal sees them."""

    @abstractmethod
    def caller_group(self) -> i32:
        """Returns the process group of the running process."""

    @abstractmethod
    def caller_session(self) -> i32:
        """Returns the session of the running process."""

    @abstractmethod
    def caller_is_leader(self) -> bool:
        """Whether the running process leads its session."""

    @abstractmethod
    def is_session_alive(self, session: i32) -> bool:
        """Whether the leader of a session has not ended."""

    @abstractmethod
    def is_group_of(self, group: i32, session: i32) -> bool:
        """Whether a live process of `session` belongs to `group`."""

    @abstractmethod
    def signal_group(self, group: i32, signal: i32) -> None:
        """Sends a signal to a group. Callable from interrupt context."""

    @abstractmethod
    def stop_caller(self, signal: i32) -> bool:
        """Sends SIGTTIN or SIGTTOU to the caller's group.

        False if the caller blocks or ignores it, or nobody could continue the group.
        """

    @abstractmethod
    def set_terminal(self, session: i32) -> None:
        """Notes that the processes of a session, and no others, have the terminal. 0: nobody."""
