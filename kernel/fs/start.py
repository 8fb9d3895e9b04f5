"""Mounting the first file systems: the base image at `/`, devices at `/dev`, a tmpfs at `/tmp` for
everybody and one at `/run` for what services tell programs.

The image is on the first disk that holds one. A disk that holds none or a damaged one is told in
the log, with what is wrong and where.
"""

from __future__ import annotations

from abi.errno import ENODEV, ENOMEM, EUCLEAN
from abi.error_text import strerror
from bare import (
    Bytes,
    allocate,
    errno_of,
    raises,
    struct,
    text,
    u16,
    u64,
)
from kernel.device.block import BlockDevice
from kernel.device.machine import Machine
from kernel.fs.dev.device import CharacterDevice
from kernel.fs.dev.file_system import make_dev
from kernel.fs.inode import Inode
from kernel.fs.mounts import Location, Mounts
from kernel.fs.packed.mount import PackedMount
from kernel.fs.packed.problem import Problem
from kernel.fs.page_cache import PageCache
from kernel.fs.path import LastLink, PathWalk
from kernel.fs.tmp.directory import make_root
from kernel.fs.tmp.file_system import TmpFileSystem
from kernel.params import RUN_SHARE, TMPFS_SHARE
from kernel.security.credentials import Credentials
from kernel.security.random import RandomGenerator
from kernel.time.clock import Clock

PACKED_DEVICE: u64 = 1
TMP_DEVICE: u64 = 2
DEV_DEVICE: u64 = 3
RUN_DEVICE: u64 = 4
"""What `st_dev` says of each."""
EVERYBODY_STICKY: u16 = 0o1777
OWNER_WRITES: u16 = 0o755


@struct
class FirstMounts:
    """What the first mounts are made from; in the frame of `main.py`."""

    machine: Machine
    mounts: Mounts
    cache: PageCache
    clock: Clock
    console: CharacterDevice
    random: RandomGenerator

    @raises()
    def mount_all(self) -> None:
        """Mounts everything. Blocks: to be called by a thread, with interrupts.

        ENODEV: there is no disk with a base image, as the log says; ENOMEM.
        """
        self.mounts.mount_root(self._find_image())
        frames = self.machine.frames.total
        self._mount(b"/tmp", self._make_tmpfs(TMP_DEVICE, frames // TMPFS_SHARE, EVERYBODY_STICKY))
        self._mount(b"/run", self._make_tmpfs(RUN_DEVICE, frames // RUN_SHARE, OWNER_WRITES))
        self._mount(b"/dev", self._make_dev())

    @raises()
    def _find_image(self) -> Inode:
        """Returns the root of the image on the first disk that has one."""
        log = self.machine.log
        entry = self.machine.blocks
        if entry is None:
            log.error("no disk: attach the base image as a virtio block device")
            raise OSError(ENODEV)
        while entry is not None:
            try:
                return self._try_disk(entry.device)
            except OSError as error:
                if errno_of(error) == ENOMEM:
                    raise
            entry = entry.following
        log.error("no base image on any disk")
        raise OSError(ENODEV)

    @raises()
    def _try_disk(self, device: BlockDevice) -> Inode:
        """Mounts the image on a disk; says in the log why that fails."""
        log = self.machine.log
        problem = Problem()
        mount = PackedMount(self.machine.heap, device, self.cache, log, PACKED_DEVICE, problem)
        try:
            return mount.mount()
        except OSError as error:
            code = errno_of(error)
            if code == EUCLEAN:
                log.error(f"base image: {problem.text} at offset {problem.offset:#x}")
            elif code == ENOMEM:
                log.error("base image: not enough memory to read it")
            else:
                log.error(f"base image: the disk cannot be read, error {code}")
            raise

    @raises()
    def _make_tmpfs(self, device_number: u64, limit_pages: u64, permissions: u16) -> Inode:
        """Returns the root of a new tmpfs."""
        machine = self.machine
        tmp = allocate(machine.heap, TmpFileSystem)
        tmp.device_number = device_number
        tmp.setup(machine.heap, machine.frames, self.clock, limit_pages)
        return make_root(tmp, permissions)

    @raises()
    def _make_dev(self) -> Inode:
        """Returns the root of a new devfs."""
        return make_dev(self.machine.heap, DEV_DEVICE, self.console, self.random)

    @raises()
    def _mount(self, path: Bytes, root: Inode) -> None:
        """Mounts `root` on a directory of the image; that it has none is told in the log."""
        credentials = Credentials()
        credentials.become_root()
        walk = PathWalk(self.mounts, credentials, self.machine.heap)
        start = Location()
        self.mounts.root(start)
        try:
            walk.begin()
            walk.set_path(path)
            walk.resolve(start, LastLink.FOLLOW)
            self.mounts.mount_at(walk.location, root)
        except OSError as error:
            self.machine.log.error(f"cannot mount {text(path)}: {strerror(errno_of(error))}")
            raise
        finally:
            walk.finish()
            start.clear()
