"""A draft is begun: of a new record, of one that says what another says, or of a record that is published."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from registry import database, desk, drafts
from registry.desk import Actor
from registry.errors import BadInput, Conflict, Forbidden, Gone, NotFound, RegistryError
from registry.formats import Format
from registry.people import Acting
from registry.records import author_side
from registry.records import identifier as as_identifier
from registry.registry import Entry
from registry.rivals import rivals
from registry.shape import path_name
from web import owned
from web.desk import moves_of, role
from web.labels import Labels, label_of
from web.session import Posting
from web.visit import Visit, Visiting

router = APIRouter()


@router.get("/desk/new/{register}")
def new(visit: Visiting, register: str, like: str = "") -> Response:
    """What will be begun, in which role; `like` is the identifier of a record to say the same."""
    format, roles = _allowed(visit, register)
    return _ask(visit, format, roles, like)


@router.post("/desk/new/{register}")
def begin(visit: Visiting, register: str, posted: Posting) -> Response:
    """The draft of a new record, and its form."""
    format, roles = _allowed(visit, register)
    like = posted.get("like")
    try:
        acting = next((one for one in roles if str(one.id) == posted.get("acting")), None)
        if acting is None and len(roles) > 1:
            raise BadInput("Choose in which role you write.", where="acting")
        graph = None
        if like:
            entry = _like(visit, format, like)
            graph = author_side(entry.iri, entry.graph, visit.registry.own)
        actor = Actor(visit.account)
        found = desk.begin(visit.registry, actor, format, at=visit.now, acting=acting, graph=graph)
    except (BadInput, Conflict) as fault:
        return _ask(visit, format, roles, like, fault)
    return visit.go(f"/desk/draft/{found.id}")


@router.get("/desk/amend/{identifier}")
def amend_form(visit: Visiting, identifier: str) -> Response:
    """What happens when a published record is amended; or why it cannot be."""
    entry, page = standing(visit, identifier), f"desk/amend/{identifier}"
    visit.registry.moves.demand(visit.account, "amend", desk.owner_of(visit.registry, entry))
    with database.reading(visit.engine) as connection:
        found = drafts.of_record(connection, entry.iri)
    title = visit.page(page).text(label_of(visit.registry, entry))
    return visit.private("desk-amend.html", page, entry=entry, title=title, draft=found)


@router.post("/desk/amend/{identifier}")
def amend(visit: Visiting, identifier: str, posted: Posting) -> Response:
    """The open draft of a published record, begun where there is none."""
    found = desk.amend(visit.registry, Actor(visit.account), standing(visit, identifier), at=visit.now)
    return visit.go(f"/desk/draft/{found.id}")


def standing(visit: Visit, identifier: str) -> Entry:
    """A published record by its identifier; raises NotFound, or Gone for one that ended. Asks for signing in first."""
    assert visit.account
    written = as_identifier(identifier)
    name = str(written[0]) if written else identifier
    entry = visit.registry.record(name) if written else None
    if entry is None and written and visit.registry.ending(name):
        raise Gone("{name} has ended already.", name=name)
    if entry is None:
        raise NotFound("There is no record {name}.", name=name)
    return entry


def _allowed(visit: Visit, register: str) -> tuple[Format, list[Acting]]:
    """The common format of a register and the roles in which it may be filled in; raises NotFound or Forbidden."""
    mine, format = visit.account, visit.registry.formats.by_register(register)
    if format is None:
        raise NotFound("There is no register {name}.", name=register)
    roles = desk.roles(visit.registry, mine, format)
    if not roles:
        raise Forbidden(
            "None of your roles lets you begin a record of this kind.", remedy="Ask the Secretariat for a role."
        )
    return format, roles


def _like(visit: Visit, format: Format, like: str) -> Entry:
    written = as_identifier(like)
    entry = visit.registry.record(str(written[0])) if written else None
    if entry is None or entry.format.key != format.key:
        raise BadInput("There is no record {name} of this kind.", where="like", name=like)
    return entry


def _ask(visit: Visit, format: Format, roles: list[Acting], like: str, fault: RegistryError | None = None) -> Response:
    """The page before a draft: the role, and what the owner has of this kind already."""
    path, registry = f"desk/new/{format.register}", visit.registry
    page = visit.page(path)
    mine = [one.record for one in owned.held(registry, visit.account)]
    entries = [found for one in mine if (found := registry.record(one.value.rpartition("/")[2]))]
    there = [entry for entry in entries if entry.format.key == format.key][:10]
    labels = Labels(registry, [entry.iri for entry in there])
    with database.reading(visit.engine) as connection:
        others = [rivals(registry, connection, format, one, day=visit.site.day) for one in roles]
    return visit.private(
        "desk-new.html",
        path,
        200 if fault is None else 422,
        format=format,
        roles=[(one.id, *role(page, one)) for one in roles],
        national=any(one.country for one in roles) and page.code(format.category) == desk.NATIONAL,
        like=like,
        rivals={path_name(record): draft for one in others for record, draft in one.items()},
        there=[
            (entry, page.text(labels[entry.iri]), moves_of(visit, entry, desk.owner_of(registry, entry)))
            for entry in there
        ],
        fault=fault,
    )
