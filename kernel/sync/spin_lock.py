"""`SpinLock`: mutual exclusion between CPUs and interrupt handlers for a few microseconds.

How to use it: embed one (`lock: SpinLock = inline()`), set `lock_class` once when the owner is
made, and `with owner.lock:`. Interrupts are masked while it is held. A holder does not block,
touches no user memory, and takes further locks in the order of `LockClass`. The lock is not
recursive.
"""

from __future__ import annotations

from bare import inline, struct, u32, u64
from bare.atomic import AtomicU32
from bare.unsafe import spin_hint
from kernel.arch.aarch64.cpu import this_cpu
from kernel.arch.aarch64.interrupts import mask_interrupts, restore_interrupts
from kernel.params import CHECK_LOCK_ORDER
from kernel.sync.lock_class import LockClass

FREE = 0
HELD = 1


@struct
class SpinLock:
    """A test-and-set lock; fair enough for the few CPUs of this machine, and one word."""

    state: AtomicU32 = inline()
    lock_class: LockClass = LockClass.UNORDERED
    saved_interrupts: u64 = 0
    """The holder's interrupt state before it took the lock."""

    def __enter__(self) -> None:
        self.acquire()

    def __exit__(self, *exc: object) -> None:
        self.release()

    def acquire(self) -> None:
        """Takes the lock: for those who give it up in the middle of a `with` block to wait."""
        saved = mask_interrupts()
        if CHECK_LOCK_ORDER:
            self.note_acquired()
        while self.state.compare_exchange(FREE, HELD) != FREE:
            spin_hint()
        self.saved_interrupts = saved

    def try_acquire(self) -> bool:
        """Takes the lock if it is free, whatever other locks are held: who does not wait cannot
        deadlock. Not part of the order.
        """
        saved = mask_interrupts()
        if self.state.compare_exchange(FREE, HELD) != FREE:
            restore_interrupts(saved)
            return False
        self.saved_interrupts = saved
        return True

    def release_tried(self) -> None:
        """Gives back what `try_acquire` took."""
        saved = self.saved_interrupts
        self.state.store_release(FREE)
        restore_interrupts(saved)

    def release(self) -> None:
        """Gives the lock back."""
        saved = self.saved_interrupts
        if CHECK_LOCK_ORDER:
            self.note_released()
        self.state.store_release(FREE)
        restore_interrupts(saved)

    def note_acquired(self) -> None:
        """Checks the order of lock classes and remembers this one; interrupts are masked."""
        if self.lock_class == LockClass.UNORDERED:
            return
        mask: u32 = 1 << u32(self.lock_class)
        cpu = this_cpu()
        assert cpu.held_locks < mask, "lock order: a lock of this or a later class is held"
        cpu.held_locks |= mask

    def note_released(self) -> None:
        """Forgets the class; interrupts are masked."""
        if self.lock_class == LockClass.UNORDERED:
            return
        this_cpu().held_locks ^= 1 << u32(self.lock_class)
