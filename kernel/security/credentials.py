"""`Credentials`: the identity and the authority of a process. They are never extended."""

from __future__ import annotations

from abi.capability import CAP_ALL
from bare import struct, u32, u64

ROOT_PRINCIPAL: u32 = 1


@struct
class Credentials:
    """Embedded in a process. A child starts with a copy; only the process itself changes them."""

    principal: u32 = 0
    login_session: u32 = 0
    capabilities: u64 = 0
    """CAP_* of `abi/capability.py`."""
    cell: u32 = 0
    denied: u64 = 0
    """Capabilities that were missing in the call being served, for the log."""

    def become_root(self) -> None:
        """Sets what PID 1 starts with."""
        self.principal = ROOT_PRINCIPAL
        self.login_session = 1
        self.capabilities = CAP_ALL

    def has(self, capabilities: u64) -> bool:
        """Whether every one of `capabilities` is held."""
        return self.capabilities & capabilities == capabilities

    def demand(self, capabilities: u64) -> bool:
        """Whether every one of `capabilities` is held; remembers what was missing."""
        if self.has(capabilities):
            return True
        self.denied |= capabilities
        return False

    def restrict(self, keep: u64) -> u64:
        """Drops all capabilities that are not in `keep`; returns what is left."""
        self.capabilities &= keep
        return self.capabilities

    def may_signal(self, other: Credentials) -> bool:
        """Whether the holder may send signals to a process of `other`."""
        return self.principal in (ROOT_PRINCIPAL, other.principal)

    def user_number(self) -> u32:
        """Returns the Linux user and group number: 0 for root, else the principal."""
        if self.principal == ROOT_PRINCIPAL:
            return 0
        return self.principal
