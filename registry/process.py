"""One worker as the registry holds it: a process, its two pipes, and frames that are awaited.

The pipes are watched only while something is awaited of them, so between two queries a worker belongs to no event loop.
"""

from __future__ import annotations

import asyncio
import os
import struct
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from registry.snapshot import Snapshot

WORKER = Path(__file__).with_name("worker.py")
CHUNK = 1 << 16
ARENAS = {"MALLOC_ARENA_MAX": "2"}  # glibc sets address space aside for each thread: half a gigabyte, at times more
KEPT = ("PATH", "LD_LIBRARY_PATH")  # of the environment; the rest, passwords among it, is none of a worker's business


class Died(Exception):
    """The process is gone."""


class Process:
    """One worker over one snapshot; raises OSError where no process can be started."""

    def __init__(self, snapshot: Snapshot, megabytes: int) -> None:
        self.snapshot, self.ready, self.late = snapshot, False, False
        self._held = False
        command = [sys.executable, "-I", str(WORKER), str(snapshot.folder), str(megabytes)]
        pipe = subprocess.PIPE
        known = ARENAS | {name: os.environ[name] for name in KEPT if name in os.environ}
        self._process = subprocess.Popen(
            command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, bufsize=0, env=known
        )
        assert self._process.stdin and self._process.stdout
        self._in, self._out = self._process.stdin.fileno(), self._process.stdout.fileno()
        self._read = bytearray()
        for pipe in (self._in, self._out):
            os.set_blocking(pipe, False)

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process is there; one that has ended is taken off the machine's list by this."""
        return self._process.poll() is None

    async def say(self, line: bytes) -> None:
        """Send one line; raises Died."""
        rest = memoryview(line)
        loop = asyncio.get_running_loop()
        while rest:
            try:
                rest = rest[os.write(self._in, rest) :]
            except BlockingIOError:
                await _until(loop.add_writer, loop.remove_writer, self._in)
            except OSError:
                raise Died from None

    async def frame(self) -> tuple[bytes, bytes]:
        """The next frame: its letter, its payload; raises Died."""
        head = await self._exactly(5)
        kind, payload = head[:1], await self._exactly(struct.unpack(">I", head[1:])[0])
        if kind == b"R":
            self.ready = True
            return await self.frame()
        return kind, payload

    async def _exactly(self, count: int) -> bytes:
        loop = asyncio.get_running_loop()
        while len(self._read) < count:
            try:
                data = os.read(self._out, CHUNK)
            except BlockingIOError:
                await _until(loop.add_reader, loop.remove_reader, self._out)
                continue
            except OSError:
                raise Died from None
            if not data:
                raise Died
            self._read += data
        found = bytes(self._read[:count])
        del self._read[:count]
        return found

    def hold(self) -> None:
        """Somebody reads: the numbers of the pipes are theirs until they let go, even if the process ends."""
        self._held = True

    def drop(self) -> None:
        """Nobody reads any more."""
        self._held = False
        if self._process.returncode is not None:
            self._close()

    def kill(self) -> None:
        """End the process."""
        self._process.kill()

    def gone(self, patience: float = 0.0) -> bool:
        """Whether a killed process has ended; its pipes are closed then, unless somebody reads."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(patience)
        if self._process.returncode is None:
            return False
        if not self._held:
            self._close()
        return True

    def _close(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()


async def _until(add: Callable[..., Any], remove: Callable[[int], Any], pipe: int) -> None:
    """Wait until a pipe can be read or written."""
    ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def told() -> None:
        if not ready.done():
            ready.set_result(None)

    add(pipe, told)
    try:
        await ready
    finally:
        remove(pipe)
