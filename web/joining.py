"""Coming in: registration, and the links in letters by which an address is confirmed or a password chosen.

Whoever reads the letters of an address chooses the password of its account, so that nobody registers for another.
Opening a link changes nothing, for programs that guard mailboxes open them all: it shows a form with a button. An
address is never told from here whether it has an account. Source: OWASP Forgot Password cheat sheet.
"""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter
from starlette.responses import Response

from registry import database, passwords, people, throttle, tickets
from registry.database import Connection
from registry.errors import BadInput, Gone, RegistryError
from registry.language import LANGUAGES
from registry.people import CONTRIBUTOR, Account
from registry.wording import address, personal
from web import letters
from web.session import Posted, Posting
from web.signin import FRONT
from web.visit import Visit, Visiting

router = APIRouter()

ASKED, WITHIN = 20, timedelta(hours=1)  # letters that one network address may ask for


@router.get("/sign-up")
def sign_up_form(visit: Visiting) -> Response:
    """The form: a name, an address, a language."""
    return visit.private("sign-up.html", "sign-up", fault=None, name="", email="", chosen=visit.language)


@router.post("/sign-up")
def sign_up(visit: Visiting, posted: Posting) -> Response:
    """A letter to the address: to confirm it, or to say that it has an account already."""
    language = posted.get("language") if posted.get("language") in LANGUAGES else visit.language
    try:
        name, email = personal(posted.get("name")), address(posted.get("email"))
    except BadInput as fault:
        typed = {"name": posted.get("name"), "email": posted.get("email"), "chosen": language}
        return visit.private("sign-up.html", "sign-up", 422, fault=fault, **typed)
    with database.writing(visit.engine) as connection:
        _ask(connection, visit)
        found = people.find(connection, email)
        lately = letters.lately(connection, visit, email, "confirmation", "already-registered")
        if found is None:
            found = people.create(connection, email=email, name=name, language=language, at=visit.now, by="self")
        if not lately and not found.closed:
            _welcome(connection, visit, found)
    return visit.private("letter-sent.html", "sign-up", email=email)


@router.get("/reset")
def reset_form(visit: Visiting) -> Response:
    """The form: an address."""
    return visit.private("reset.html", "reset", fault=None, email="")


@router.post("/reset")
def reset(visit: Visiting, posted: Posting) -> Response:
    """A letter with a link, where there is an account; the answer is the same where there is none."""
    try:
        email = address(posted.get("email"))
    except BadInput as fault:
        return visit.private("reset.html", "reset", 422, fault=fault, email=posted.get("email"))
    with database.writing(visit.engine) as connection:
        _ask(connection, visit)
        found = people.find(connection, email)
        if found and not found.closed and not letters.lately(connection, visit, email, "reset"):
            letters.send_link(connection, visit, found, "reset")
        else:  # the same work, so that the time tells nothing
            letters.draw(visit, "reset", visit.language, "reset", name="", until=visit.now)
    return visit.private("letter-sent.html", "reset", email=email)


@router.get("/confirm/{secret}")
def confirm_form(visit: Visiting, secret: str) -> Response:
    """What the link of a confirmation opens."""
    return _choose(visit, "confirm", secret)


@router.post("/confirm/{secret}")
def confirm(visit: Visiting, secret: str, posted: Posting) -> Response:
    """The address is confirmed, and the account is a contributor's."""
    return _chosen(visit, "confirm", secret, posted)


@router.get("/invitation/{secret}")
def invitation_form(visit: Visiting, secret: str) -> Response:
    """What the link of an invitation opens."""
    return _choose(visit, "invite", secret)


@router.post("/invitation/{secret}")
def invitation(visit: Visiting, secret: str, posted: Posting) -> Response:
    """The invitation is taken up."""
    return _chosen(visit, "invite", secret, posted)


@router.get("/reset/{secret}")
def reset_link_form(visit: Visiting, secret: str) -> Response:
    """What the link of a reset opens."""
    return _choose(visit, "reset", secret)


@router.post("/reset/{secret}")
def reset_link(visit: Visiting, secret: str, posted: Posting) -> Response:
    """A new password; all sessions end."""
    return _chosen(visit, "reset", secret, posted)


def _ask(connection: Connection, visit: Visit) -> None:
    """Count one letter that was asked for from this network address."""
    near = throttle.key("letters", throttle.network(visit.address))
    throttle.admit(connection, [near], at=visit.now, limit=ASKED, within=WITHIN)


def _welcome(connection: Connection, visit: Visit, account: Account) -> None:
    if not account.confirmed:
        letters.send_link(connection, visit, account, "confirm")
        return
    letter = letters.draw(visit, "already-registered", account.language, "sign-in", name=account.name)
    letters.put(connection, visit, letter, account)


def _behind(visit: Visit, purpose: str, secret: str) -> Account:
    """The account that a link is for; raises Gone for one that was used or has run out."""
    with database.reading(visit.engine) as connection:
        ticket = tickets.peek(connection, purpose, secret, visit.now)
        found = people.account(connection, ticket.subject) if ticket else None
    if found is None or found.closed:
        raise Gone("This link has been used or has run out.", remedy="Ask for another one.")
    return found


def _choose(
    visit: Visit, purpose: str, secret: str, status: int = 200, fault: RegistryError | None = None, name: str = ""
) -> Response:
    account = _behind(visit, purpose, secret)
    return visit.private(
        "choose.html", visit.path, status, fault=fault, purpose=purpose, owner=account, name=name or account.name
    )


def _chosen(visit: Visit, purpose: str, secret: str, posted: Posted) -> Response:
    """The password of an account by the link of a letter, which is used up by it."""
    account, password = _behind(visit, purpose, secret), posted.get("password")
    try:
        name = account.name if purpose == "reset" else personal(posted.get("name"))
        passwords.judge(password, name, account.email)
    except BadInput as fault:
        return _choose(visit, purpose, secret, 422, fault, posted.get("name"))
    kept, at, by = passwords.hashed(password), visit.now, account.id
    with database.writing(visit.engine) as connection:
        tickets.take(connection, purpose, secret, at)
        people.confirm(connection, account.id, at=at, by=by)
        people.set_password(connection, account.id, kept, at=at, by=by, origin="letter")
        for other in tickets.ONE_OF_A_KIND:
            tickets.forget(connection, other, account.id)
        throttle.greet(connection, account.email, visit.address, at=visit.now)
        if purpose == "confirm":
            people.appoint(connection, account.id, role=CONTRIBUTOR, at=at, by=by, origin="letter")
        if purpose == "reset":
            letter = letters.draw(visit, "password-changed", account.language, "reset", name=account.name)
            letters.put(connection, visit, letter, account)
            visit.leave(connection)
            return visit.go("/sign-in?done=reset")
        people.rename(connection, account.id, name=name, language=account.language, at=at, by=by)
        visit.begin(connection, account.id)
    return visit.go(FRONT)
