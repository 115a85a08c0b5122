"""The interface: programs send records, change them and end them, each with a token of its own.

`POST /register/X` makes a record, `POST /register` several; `PUT`, `PATCH` and `DELETE /doc/X` change one. Whoever may
publish gets 201 or 200, everybody else 202 and a receipt: those who may decide.
Sources: RFC 9110, section 9.3; RFC 5789; RFC 7396; RFC 9457; http.md of the registry's design, section 7.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from registry import aims, arrivals, database, deposits, repeats
from registry.aims import Aim
from registry.arrivals import Arrival
from registry.deposits import Deposited, Refused, Terms
from registry.errors import BadInput, NotFound, RegistryError, Stale
from registry.exchange import jsonld
from registry.records import identifier
from registry.repeats import Kept, Repeated
from registry.terms import NamedNode
from web import preconditions
from web.depositing import answer, given, once, refused, terms
from web.looking import looked_at
from web.methods import INTERFACE
from web.sent import Patch, Record, Sent
from web.visit import Visit, Visiting

router = APIRouter(tags=[INTERFACE])
DryRun = Annotated[bool, Query(alias="dryRun")]


@router.post("/register/{name}")
def make(visit: Visiting, sent: Record, name: str, dry: DryRun = False) -> Response:
    """A new record of a register, or a new version of the one that has the same name with its sender."""
    visit.known_only()
    registry, actor = visit.registry, sent.bearer.actor
    format = registry.formats.by_register(name.lower())
    if format is None:
        raise NotFound("There is no register {name}.", name=name)

    def work(terms: Terms) -> Deposited:
        registry.follow()
        found = arrivals.read(registry, sent.data, sent.media, format=format, context=sent.context)
        arrival = arrivals.sole(found, registry.own)
        aim = aims.new(registry, actor, format, arrival, direct=terms.direct)
        return deposits.deposit(registry, actor, aim, arrival, terms)

    return _answered(visit, sent, dry, work)


@router.post("/register")
def make_several(visit: Visiting, sent: Record, dry: DryRun = False) -> Response:
    """Several records of any types; each is taken or refused by itself, and the answer tells of each."""
    visit.known_only()
    registry, actor = visit.registry, sent.bearer.actor
    if sent.repeat and not dry:
        with database.reading(visit.engine) as connection:
            kept = repeats.earlier(connection, sent.repeat)
        if kept:
            return given(visit, sent, kept)
    registry.follow()
    found = arrivals.read(registry, sent.data, sent.media, context=sent.context)
    secrets: dict[str, str] = {}
    told = []
    for number, item in enumerate(found):
        repeat = sent.repeat.of_item(number) if sent.repeat else None
        said: dict[str, object] = {"item": number}
        if isinstance(item, Arrival) and item.origin:
            said["source"] = item.origin.value
        try:
            if isinstance(item, RegistryError):
                raise item
            done = deposits.one(registry, actor, item, terms(visit, sent, dry=dry, repeat=repeat))
            secrets[done.receipt or ""] = done.secret
            told.append(said | _item(answer(visit, done)))
        except Repeated as repeated:
            told.append(said | _item(repeated.kept))
        except RegistryError as error:
            told.append(said | refused(error, visit.language))
    whole = Kept(200, {}, json.dumps(told, ensure_ascii=False))
    if sent.repeat and not dry:
        with database.writing(visit.engine) as connection:
            if kept := repeats.earlier(connection, sent.repeat):  # the same list came twice at once
                whole = kept
            else:
                repeats.keep(connection, sent.repeat, whole, at=visit.now)
    return given(visit, sent, whole, secrets)


def _item(kept: Kept) -> dict[str, object]:
    """The answer to one item: as a request of its own would have it, its status beside the rest."""
    said = json.loads(kept.body)
    return {**said, "status": kept.status, "state": said["status"], "tag": kept.headers.get("ETag", "")}


@router.put("/doc/{name}")
def replace(visit: Visiting, sent: Record, name: str, dry: DryRun = False) -> Response:
    """A new version of a record: what the body leaves out is gone from it."""
    visit.known_only()
    stem = spelt(visit, name)

    def arrived(aim: Aim) -> Arrival:
        found = arrivals.read(visit.registry, sent.data, sent.media, format=aim.format, context=sent.context)
        return arrivals.sole(found, visit.registry.own, aim.record)

    return _changed(visit, sent, stem, dry, arrived)


@router.patch("/doc/{name}")
def patch(visit: Visiting, sent: Patch, name: str, dry: DryRun = False) -> Response:
    """A new version of a record, made by a merge patch of its compact JSON-LD."""
    visit.known_only()
    stem = spelt(visit, name)
    change = arrivals.parsed(sent.data)
    if not isinstance(change, dict):
        raise BadInput("A merge patch is an object of JSON.", remedy="Send the members that change.", where="body")

    def arrived(aim: Aim) -> Arrival:
        whole = arrivals.merged(deposits.current(visit.registry, aim), change)
        data = jsonld.dumps(whole)
        return arrivals.sole(arrivals.read(visit.registry, data, arrivals.JSONLD), visit.registry.own, aim.record)

    return _changed(visit, sent, stem, dry, arrived)


def spelt(visit: Visit, name: str) -> str:
    """An identifier as it is spelt here; raises Moved for another spelling, NotFound for none."""
    found = identifier(name) if len(name) <= 40 else None
    if not found or found[1]:
        raise NotFound("There is no record {name}.", name=name)
    if str(found[0]) != name:
        raise visit.moved(f"doc/{found[0]}")
    return name


def _changed(visit: Visit, sent: Sent, stem: str, dry: bool, arrived: Callable[[Aim], Arrival]) -> Response:
    """The answer to a change of one record, made from the state that If-Match names."""
    registry, actor = visit.registry, sent.bearer.actor

    def work(terms: Terms) -> Deposited:
        registry.follow()
        aim = aims.at(registry, actor, stem, direct=terms.direct)
        arrival = arrived(aim)
        if foreign := _other(arrival, aim, registry.own.base):
            raise BadInput(
                "The body is about {other}, not about {name}.",
                remedy="Send it to its own address.",
                where="@id",
                other=foreign.value,
                name=stem,
            )
        preconditions.demand(visit, aim, deposits.sent(registry, aim, arrival))
        try:
            return deposits.deposit(registry, actor, aim, arrival, terms)
        except Stale as error:
            registry.follow()
            now = aims.at(registry, actor, stem, direct=terms.direct)
            raise preconditions.told(visit, error, now, deposits.sent(registry, aim, arrival)) from error

    return _answered(visit, sent, dry, work)


def _other(arrival: Arrival, aim: Aim, base: str) -> NamedNode | None:
    """The other record of the registry that a body is about, if it is."""
    subject = arrival.subject
    ours = isinstance(subject, NamedNode) and subject.value.startswith(base) and subject.value != base
    return subject if ours and subject != aim.record else None  # type: ignore[return-value]


def _answered(visit: Visit, sent: Sent, dry: bool, work: Callable[[Terms], Deposited]) -> Response:
    """The answer to a request for one record; of a dry run, what would be found."""
    if not dry:
        return once(visit, sent, work)
    try:
        done = work(terms(visit, sent, dry=True))
        return looked_at(visit, done.findings, done.document, None)
    except Refused as error:
        return looked_at(visit, error.findings, error.document, error.about)
