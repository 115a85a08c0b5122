"""Memento: the document about a record as it stood at a moment, and the list of its versions.

The document is its own TimeGate: with `Accept-Datetime` it leads to the version that was in force then, before the
first to the first. A version counts from the moment at which it was recorded where it came from, as days of the past do
everywhere here; what was confirmed or archived without a new version is told by the history.
Source: RFC 7089, sections 2 to 5.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from fastapi import APIRouter
from starlette.responses import Response

from registry.errors import BadParameter, NotFound
from registry.ledger import ENDS
from registry.registry import Registry
from web.answers import FRESH, Answer, Link, finish, http_date
from web.history import stem_of
from web.negotiate import Media
from web.visit import Visit, Visiting
from web.words import marked as _

router = APIRouter()

LINKS = "application/link-format"


@dataclass(frozen=True)
class Moments:
    """Since when each version of a record was in force, oldest first; when the record ended, if it did."""

    doc: str
    versions: tuple[tuple[int, datetime], ...]
    ended: datetime | None

    def at(self, moment: datetime) -> int:
        """The version in force at a moment; the first before there was any."""
        past = [number for number, since in self.versions if since.replace(microsecond=0) <= moment]
        return past[-1] if past else self.versions[0][0]

    def links(self, number: int | None = None) -> tuple[Link, ...]:
        """The document, the list of versions and, from a version, the ways to its neighbours."""
        found = [Link(self.doc, "original timegate"), Link(f"{self.doc}/timemap", "timemap", {"type": LINKS})]
        numbers = [one for one, _ in self.versions]
        if number not in numbers:
            return tuple(found)
        place = numbers.index(number)
        steps = {"first": 0, "prev": place - 1, "next": place + 1, "last": len(numbers) - 1}
        rels: dict[int, list[str]] = {}
        for rel, other in steps.items():
            if 0 <= other < len(numbers):
                rels.setdefault(other, []).append(rel)
        return (*found, *(self._memento(other, " ".join(rels[other])) for other in sorted(rels)))

    def map(self) -> str:
        """The list of versions, a link a line."""
        since, until = self.versions[0][1], self.versions[-1][1]
        span = {"type": LINKS, "from": http_date(since), "until": http_date(until)}
        found = [Link(self.doc, "original timegate"), Link(f"{self.doc}/timemap", "self", span)]
        last = len(self.versions) - 1
        for place in range(last + 1):
            found.append(self._memento(place, " ".join(["first"] * (place == 0) + ["last"] * (place == last))))
        return ",\n".join(map(str, found)) + "\n"

    def _memento(self, place: int, rel: str) -> Link:
        number, since = self.versions[place]
        return Link(f"{self.doc}/v/{number}", f"{rel} memento".strip(), {"datetime": http_date(since)})


def moments(registry: Registry, stem: str) -> Moments | None:
    """Since when the versions of a record were in force; None where there is none."""
    events = registry.versions(stem)
    ends = next((event for event in events if event.kind in ENDS), None)
    told = (e for e in events if e.version is not None and (ends is None or e.seq < ends.seq))
    versions = tuple((e.version, e.at) for e in told if e.version is not None)
    return Moments(registry.own.doc(stem).value, versions, ends.at if ends else None) if versions else None


def gate(visit: Visit, fixed: Media | None) -> bool:
    """Whether an address is a TimeGate: one that fixes the form is not, for no header moves it."""
    return fixed is None and not {"format", "_mediatype"} & set(visit.request.query_params)


def led(visit: Visit, stem: str) -> Response | None:
    """302 to the version in force at the moment that the request names; None where it names none.

    None too for a moment when the record had ended. Raises BadParameter for what is no moment.
    """
    stated = visit.request.headers.get("accept-datetime")
    found = moments(visit.registry, stem) if stated is not None else None
    if stated is None or found is None:
        return None
    moment = _read(stated)
    if found.ended and found.ended.replace(microsecond=0) <= moment:
        return None
    headers = {
        "Location": f"{found.doc}/v/{found.at(moment)}",
        "Cache-Control": FRESH,
        "Link": ", ".join(map(str, found.links())),
    }
    return varied(Response(status_code=302, headers=headers))


def varied(response: Response) -> Response:
    """An answer of a TimeGate, whatever it is, depends on the moment that was asked for."""
    response.headers["Vary"] = ", ".join(filter(None, (response.headers.get("Vary"), "Accept-Datetime")))
    return response


def dated(visit: Visit, stem: str, number: int, response: Response) -> Response:
    """The answer of a version, which says since when it was in force."""
    found = moments(visit.registry, stem)
    since = dict(found.versions).get(number) if found and response.status_code in (200, 304) else None
    if since:
        response.headers["Memento-Datetime"] = http_date(since)
    return response


@router.get("/doc/{name}/timemap")
def timemap(visit: Visiting, name: str) -> Response:
    """The versions of a record with their moments."""
    stem = stem_of(visit, name, "timemap")
    found = moments(visit.registry, stem)
    if found is None:
        raise NotFound("There is no record {name}.", name=stem)
    return finish(visit.request.headers, Answer(found.map().encode(), LINKS, cache=FRESH), visit.now)


def _read(stated: str) -> datetime:
    """A moment as RFC 7089 wants it, in GMT."""
    try:
        moment = parsedate_to_datetime(stated)
        if stated.strip().endswith("GMT"):
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    except (ValueError, OverflowError):
        pass
    raise BadParameter(
        _("This is no moment."),
        remedy=_("Write it as Wed, 15 Dec 2004 12:00:00 GMT."),
        where="Accept-Datetime",
    )
