"""The people of the registry, for administrators: who they are, in which roles, and how they come and go."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter
from starlette.responses import Response

from registry import audit, database, people
from registry.database import Connection
from registry.errors import BadInput, NotFound, RegistryError
from registry.language import LANGUAGES, NAMES
from registry.people import ROLES, Account
from registry.records import identifier as as_identifier
from registry.terms import NamedNode
from web import letters
from web.labels import Labels
from web.places import countries
from web.render import ORDER
from web.session import Posted, Posting
from web.visit import Visit, Visiting
from web.words import marked as _

router = APIRouter()

DONE = {
    "invited": _("The invitation is on its way."),
    "given": _("The role is given. The person signs in anew to use it."),
    "taken": _("The role has ended."),
    "closed": _("The account is closed."),
}


@router.get("/people")
def index(visit: Visiting, done: str = "") -> Response:
    """All accounts, and the form of an invitation."""
    return _index(visit, done=DONE.get(done, ""))


@router.post("/people")
def invite(visit: Visiting, posted: Posting) -> Response:
    """A new account with a role, and a letter with the link by which its owner takes it up."""
    by = visit.administrator
    language = posted.get("language") if posted.get("language") in LANGUAGES else visit.language
    try:
        bound = _bound(visit, posted)
        with database.writing(visit.engine) as connection:
            email, name = posted.get("email"), posted.get("name")
            account = people.create(connection, email=email, name=name, language=language, at=visit.now, by=by.id)
            _appoint(connection, visit, account.id, posted.get("role"), bound)
            letters.send_link(connection, visit, account, "invite", by.name)
    except BadInput as fault:
        return _index(visit, 422, fault, posted)
    return visit.go(f"/people/{account.id}?done=invited")


@router.get("/people/{id}")
def one(visit: Visiting, id: str, done: str = "") -> Response:
    """One account: its roles, what may be done to it, what was done."""
    return _one(visit, id, done=DONE.get(done, ""))


@router.post("/people/{id}/invite")
def invite_again(visit: Visiting, id: str, posted: Posting) -> Response:
    """Another letter with a new link, where the first was not taken up; the old link works no more."""
    by = visit.administrator
    with database.writing(visit.engine) as connection:
        account = _account(connection, id)
        if account.confirmed or account.closed:
            raise NotFound("There is no invitation to take up.")
        letters.send_link(connection, visit, account, "invite", by.name)
        audit.note(connection, at=visit.now, by=by.id, action="invited-again", subject=id, origin="browser")
    return visit.go(f"/people/{id}?done=invited")


@router.post("/people/{id}/roles")
def appoint(visit: Visiting, id: str, posted: Posting) -> Response:
    """A role more. Who appoints themselves goes on under a new session."""
    assert visit.administrator
    try:
        bound = _bound(visit, posted)
        with database.writing(visit.engine) as connection:
            _appoint(connection, visit, id, posted.get("role"), bound)
            _renew(visit, connection, id)
    except BadInput as fault:
        return _one(visit, id, 422, fault, posted=posted)
    return visit.go(f"/people/{id}?done=given")


@router.post("/people/{id}/roles/{acting}/dismiss")
def dismiss(visit: Visiting, id: str, acting: int, posted: Posting) -> Response:
    """A role less."""
    by = visit.administrator
    with database.writing(visit.engine) as connection:
        if acting not in [one.id for one in _account(connection, id).actings]:
            raise NotFound("There is no such role in force.")
        people.dismiss(connection, acting, at=visit.now, by=by.id)
        _renew(visit, connection, id)
    return visit.go(f"/people/{id}?done=taken")


@router.post("/people/{id}/close")
def close(visit: Visiting, id: str, posted: Posting) -> Response:
    """The account is closed; what it wrote remains."""
    by = visit.administrator
    with database.writing(visit.engine) as connection:
        people.close(connection, id, at=visit.now, by=by.id)
    return visit.go(f"/people/{id}?done=closed")


def _appoint(connection: Connection, visit: Visit, id: str, role: str, bound: Mapping[str, str | None]) -> None:
    people.appoint(
        connection,
        id,
        role=role,
        by=visit.account.id,
        at=visit.now,
        institution=bound["institution"],
        country=bound["country"],
        format=bound["format"],
    )


def _renew(visit: Visit, connection: Connection, id: str) -> None:
    if id == visit.account.id:
        visit.begin(connection, id)


def _account(connection: Connection, id: str) -> Account:
    found = people.account(connection, id)
    if found is None:
        raise NotFound("There is no such account.")
    return found


def _bound(visit: Visit, posted: Posted) -> dict[str, str | None]:
    """What the role that a form names is bound to; raises BadInput for an institution or the like unknown."""
    registry = visit.registry
    country, format = posted.get("country").strip().upper(), posted.get("format").strip()
    if country and country not in {concept.notation for concept in countries(registry)}:
        raise BadInput("{value} is no country of the list.", where="country", value=country)
    if format and format not in registry.formats:
        raise BadInput("{value} is no common format.", where="format", value=format)
    return {
        "institution": _institution(visit, posted.get("institution").strip()),
        "country": country or None,
        "format": format or None,
    }


def _institution(visit: Visit, given: str) -> str | None:
    """The IRI of an organization by its identifier or its address."""
    if not given:
        return None
    registry, identifier = visit.registry, given.rstrip("/").rsplit("/", 1)[-1].strip()
    named = as_identifier(identifier) if len(identifier) < 40 else None
    entry = registry.record(str(named[0])) if named else None
    if entry is None or entry.format.target not in registry.house.organisations:
        raise BadInput(
            "{value} is no organization of the registry.",
            remedy="Give the identifier of its record, such as BCH-ORG-SCBD-12.",
            where="institution",
            value=given,
        )
    return entry.iri.value


def _choices(visit: Visit) -> dict[str, object]:
    """What the form of a role offers."""
    registry = visit.registry
    return {
        "roles": [registry.own.concept("user-role", role) for role in ROLES],
        "countries": countries(registry),
        "formats": list(registry.formats.values()),
        "names": [(lang, NAMES[lang]) for lang in ORDER],
        "role_of": lambda code: registry.own.concept("user-role", code),
        "country_of": lambda code: registry.own.concept("countries", code),
    }


def _index(
    visit: Visit, status: int = 200, fault: RegistryError | None = None, posted: Posted | None = None, done: str = ""
) -> Response:
    assert visit.administrator
    with database.reading(visit.engine) as connection:
        everyone = people.everyone(connection)
    context = {"everyone": everyone, "fault": fault, "typed": posted, "done": done, "mine": visit.language}
    return visit.private("people.html", "people", status, **context, **_choices(visit))


def _one(
    visit: Visit,
    id: str,
    status: int = 200,
    fault: RegistryError | None = None,
    *,
    posted: Posted | None = None,
    done: str = "",
) -> Response:
    assert visit.administrator
    with database.reading(visit.engine) as connection:
        owner = _account(connection, id)
        trail = audit.acts(connection, subject=id, limit=20)
        names = {one.id: one.name for one in people.everyone(connection)}
    held = [NamedNode(one.institution) for one in owner.actings if one.institution]
    context = {"owner": owner, "trail": trail, "who": names, "institutions": Labels(visit.registry, held)}
    shown = {**context, "fault": fault, "typed": posted, "done": done, "node": NamedNode, "mine": visit.language}
    return visit.private("person.html", f"people/{id}", status, **shown, **_choices(visit))
