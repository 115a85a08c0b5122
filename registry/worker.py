"""The process in which strangers' queries run: no network, bounded memory, a snapshot that it only reads.

It is started by its path and imports the standard library and the engine, nothing else. A line of JSON comes in for
each query; frames go out: a letter, the length in four bytes, the payload. R ready, H head, D data, E end. What the
engine does to this process (a fault, all memory, no end) it does to nobody else: the pool kills it and starts another.
Sources: seccomp(2), prctl(2), setrlimit(2); https://www.w3.org/TR/sparql11-results-json/ and its sisters.
"""

from __future__ import annotations

import ctypes
import json
import os
import platform
import resource
import signal
import struct
import sys
from collections.abc import Iterable, Iterator
from typing import Any

BUFFER = 65_536  # bytes of a frame; what fails before the first one is full can still be told as an error
PIECE = 4 * BUFFER  # bytes of the longest frame; what the engine writes at once is rarely longer
CALLS = {  # of each architecture: its number for the kernel, and what is refused
    # socket, connect, bind, socketpair, execve, execveat, ptrace, process_vm_*, io_uring_setup, pidfd_getfd
    "x86_64": (0xC000003E, (41, 42, 49, 53, 59, 322, 101, 310, 311, 425, 438)),
    "aarch64": (0xC00000B7, (198, 203, 200, 199, 221, 281, 117, 270, 271, 425, 438)),
}
X32 = 0x40000000  # calls of the x32 interface bear this bit
KILL, DENY, ALLOW = 0x80000000, 0x00050001, 0x7FFF0000  # the process, the call with EPERM, nothing
CELL = 2_000  # characters of a value that a page shows
PAGE = 1_000_000  # characters of all that it shows, each cell reckoned as EMPTY more
EMPTY = 50
UNKNOWN = "The custom function <"  # how the engine begins to say that it has no such function
BETWEEN = {"json": b'},{"', "xml": b"<result>", "csv": b"\n", "tsv": b"\n"}  # what stands once for each row


def isolate() -> None:
    """No network and no other program from here on, and no life behind the parent's; raises OSError where it cannot.

    On systems other than Linux there is no such filter; there only the reader of terminals stands before SERVICE.
    """
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(1, signal.SIGKILL, 0, 0, 0)  # PR_SET_PDEATHSIG
    if platform.machine() not in CALLS:
        raise OSError(f"no filter of system calls for {platform.machine()}")
    architecture, refused = CALLS[platform.machine()]
    program = _rules(architecture, refused)
    code = ctypes.create_string_buffer(program, len(program))
    whole = struct.pack("HxxxxxxQ", len(program) // 8, ctypes.addressof(code))
    pointer = ctypes.create_string_buffer(whole, len(whole))
    if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, pointer, 0, 0):  # PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP
        raise OSError(ctypes.get_errno(), "the filter of system calls was refused")


def _rules(architecture: int, refused: tuple[int, ...]) -> bytes:
    """The filter in the kernel's little language: another architecture ends the process, refused calls give EPERM."""

    def step(code: int, yes: int, no: int, value: int) -> bytes:
        return struct.pack("HBBI", code, yes, no, value)

    load, equal, least, answer = 0x20, 0x15, 0x35, 0x06
    count = len(refused)
    head = step(load, 0, 0, 4) + step(equal, 1, 0, architecture) + step(answer, 0, 0, KILL)
    head += step(load, 0, 0, 0) + step(least, count + 1, 0, X32)
    calls = b"".join(step(equal, count - place, 0, call) for place, call in enumerate(refused))
    return head + calls + step(answer, 0, 0, ALLOW) + step(answer, 0, 0, DENY)


def bound(megabytes: int) -> None:
    """Bounded memory, no core dumps, no file ever written, and behind the pages when the machine is busy."""
    resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    os.nice(5)


class Full(Exception):
    """The answer reached a limit of size."""


class Out:
    """Where an answer is written: frames of the pipe, counted."""

    def __init__(self, pipe: int) -> None:
        self._pipe = pipe
        self._buffer = bytearray()
        self.head: dict[str, Any] | None = None
        self._bytes = self._rows = 0
        self._between = b""

    def begin(self, head: dict[str, Any], largest: int, rows: int, between: bytes = b"") -> None:
        """A new answer, of so many bytes and rows at most; rows are counted by what stands between them."""
        self.head, self._bytes, self._rows, self._between = head, largest, rows, between
        self._buffer.clear()

    def put(self, frames: bytes | bytearray) -> None:
        """Write frames, whole."""
        rest = memoryview(frames)
        while rest:
            rest = rest[os.write(self._pipe, rest) :]

    def write(self, data: bytes) -> int:
        """Called by the engine; raises Full behind the last byte or row that may be."""
        self._bytes -= len(data)
        self._rows -= data.count(self._between) if self._between else 0
        if self._bytes < 0 or self._rows < 0:
            raise Full
        self._buffer += data
        if len(self._buffer) >= BUFFER:
            self._send(whole=False)
        return len(data)

    def flush(self) -> None:
        """Called by the engine, too; the buffer is sent when it is full or the answer at its end."""

    def end(self, said: dict[str, Any]) -> None:
        """The rest of the answer, and how it ended; an answer that failed before its first frame has no data."""
        last = frame(b"E", json.dumps(said).encode())
        if not said or self.head is None:
            self._send(whole=True, behind=last)
        else:
            self.put(last)

    def _send(self, *, whole: bool, behind: bytes = b"") -> None:
        """What there is in one go, since each write wakes the reader; a long text in pieces, which it need not hold."""
        frames = bytearray()
        if self.head is not None:
            frames += frame(b"H", json.dumps({**self.head, "whole": whole}).encode())
            self.head = None
        for start in range(0, len(self._buffer), PIECE):
            frames += frame(b"D", self._buffer[start : start + PIECE])
            if len(frames) > PIECE:
                self.put(frames)
                frames.clear()
        self._buffer.clear()
        self.put(frames + behind)


def frame(kind: bytes, payload: bytes | bytearray = b"") -> bytes:
    """One frame."""
    return b"".join((kind, struct.pack(">I", len(payload)), payload))


def answer(ox: Any, store: Any, asked: dict[str, Any], out: Out) -> dict[str, Any]:
    """Run one query and write its answer; returns how it ended, empty for well."""
    names = {key: [ox.NamedNode(iri) for iri in asked[key]] for key in ("default", "named") if asked[key] is not None}
    found = store.query(
        asked["query"],
        base_iri=asked["base"],
        use_default_graph_as_union=not (asked["own"] or names),
        default_graph=names.get("default", [] if names else None),
        named_graphs=names.get("named", [] if names else None),
    )
    form = {ox.QuerySolutions: "rows", ox.QueryTriples: "triples"}.get(type(found), "truth")
    syntax = asked["formats"].get(form)
    if syntax is None:
        return {"unacceptable": form}
    out.begin({"form": form, "format": syntax}, asked["bytes"], asked["rows"], BETWEEN.get(syntax, b""))
    if syntax == "page":
        out.write(json.dumps(_page(ox, found, form, asked["shown"])).encode())
    elif form == "triples":
        formats = {
            "ttl": ox.RdfFormat.TURTLE,
            "nt": ox.RdfFormat.N_TRIPLES,
            "rdf": ox.RdfFormat.RDF_XML,
            "jsonld": ox.RdfFormat.JSON_LD,
        }
        prefixes = asked["prefixes"] if syntax in ("ttl", "rdf") else {}
        ox.serialize(_counted(found, asked["rows"]), out, formats[syntax], prefixes=prefixes)
    else:
        found.serialize(out, getattr(ox.QueryResultsFormat, syntax.upper()))
    return {}


def _counted(triples: Iterable[Any], most: int) -> Iterator[Any]:
    for count, triple in enumerate(triples):
        if count >= most:
            raise Full
        yield triple


def _page(ox: Any, found: Any, form: str, most: int) -> dict[str, Any]:
    """The first rows of an answer for a page, and whether there are more."""
    if form == "truth":
        return {"truth": bool(found)}
    names = [variable.value for variable in found.variables] if form == "rows" else ["subject", "predicate", "object"]
    rows: list[list[Any]] = []
    left = PAGE
    for row in found:
        if len(rows) == most or left < 0:
            return {"names": names, "rows": rows, "more": True}
        terms = [row[name] for name in names] if form == "rows" else [row.subject, row.predicate, row.object]
        rows.append([_term(ox, term) for term in terms])
        left -= sum(len(cell["value"]) if cell else 0 for cell in rows[-1]) + EMPTY * len(names)
    return {"names": names, "rows": rows, "more": False}


def _term(ox: Any, term: Any) -> Any:
    """A value as a page shows it; of a long one the begin."""
    if term is not None and len(said := str(term)) > CELL:
        return {"type": "other", "value": getattr(term, "value", said)[:CELL] + "…"}
    if isinstance(term, ox.Literal):
        return {"type": "literal", "value": term.value, "language": term.language, "datatype": term.datatype.value}
    if isinstance(term, ox.NamedNode):
        return {"type": "iri", "value": term.value}
    return None if term is None else {"type": "other", "value": str(term)}


def serve(store: Any, ox: Any, out: Out) -> None:
    """Answer the queries that come in, one after the other, until there is nobody who sends any."""
    out.put(frame(b"R"))
    for line in sys.stdin.buffer:
        out.begin({}, 0, 0)
        try:
            said = answer(ox, store, json.loads(line), out)
        except Full:
            said = {"full": True}
        except SyntaxError as error:
            said = {"syntax": str(error)}
        except MemoryError:
            said = {"fault": "memory"}
        except RuntimeError as error:
            told = str(error)
            said = {"unknown": told[len(UNKNOWN) :].split(">")[0]} if told.startswith(UNKNOWN) else {"fault": told}
        except Exception as error:
            said = {"fault": f"{type(error).__name__}: {error}"}
        out.end(said)


def main() -> None:
    """`worker.py <snapshot> <megabytes>`; the filter stands before the engine's threads are born."""
    isolate()
    import pyoxigraph as ox

    bound(int(sys.argv[2]))
    store = ox.Store.read_only(sys.argv[1])
    serve(store, ox, Out(sys.stdout.fileno()))


if __name__ == "__main__":
    main()
