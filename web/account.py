"""My account: name and language, password, where I am signed in, the tokens of my programs."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter
from starlette.responses import Response

from registry import audit, database, passwords, people, sessions, throttle, tokens
from registry.errors import BadInput, RegistryError
from registry.language import NAMES
from web import letters
from web.render import ORDER
from web.session import Posted, Posting
from web.visit import Visit, Visiting
from web.words import marked as _

router = APIRouter()

SCOPES = {
    "read": _("read my drafts and receipts"),
    "submit": _("write drafts and submit them"),
    "publish": _("publish, where my role allows it"),
}
DAYS = (30, 90, 180, 365)
DONE = {
    "saved": _("Your name and language are saved."),
    "password": _("Your password is changed. All other browsers are signed out."),
    "sessions": _("All other browsers are signed out."),
    "revoked": _("The token is revoked. It works no more."),
}


@router.get("/account")
def account(visit: Visiting, done: str = "") -> Response:
    """The page of whoever is signed in."""
    return _page(visit, done=DONE.get(done, ""))


@router.post("/account")
def rename(visit: Visiting, posted: Posting) -> Response:
    """Another name, another language."""
    mine, language = visit.account, posted.get("language")
    try:
        with database.writing(visit.engine) as connection:
            people.rename(connection, mine.id, name=posted.get("name"), language=language, at=visit.now, by=mine.id)
    except BadInput as fault:
        return _page(visit, 422, fault, posted=posted)
    return visit.speak(visit.go("/account?done=saved"), language)


@router.post("/account/password")
def change_password(visit: Visiting, posted: Posting) -> Response:
    """Another password, by the one in force; a letter says so, all other sessions end, this one gets a new name."""
    mine, new = visit.account, posted.get("password")
    with database.writing(visit.engine) as connection:
        throttle.guess(connection, mine.email, visit.address, at=visit.now)
        kept = people.password_of(connection, mine.id)
    try:
        if not passwords.fits(kept, posted.get("password-now")):
            raise BadInput("This is not your password.", where="password-now")
        passwords.judge(new, mine.name, mine.email)
    except BadInput as fault:
        return _page(visit, 422, fault)
    fresh = passwords.hashed(new)
    with database.writing(visit.engine) as connection:
        throttle.greet(connection, mine.email, visit.address, at=visit.now)
        people.set_password(connection, mine.id, fresh, at=visit.now, by=mine.id)
        letter = letters.draw(visit, "password-changed", mine.language, "reset", name=mine.name)
        letters.put(connection, visit, letter, mine)
        visit.begin(connection, mine.id)
    return visit.go("/account?done=password")


@router.post("/account/sessions")
def end_others(visit: Visiting, posted: Posting) -> Response:
    """All other browsers are signed out."""
    mine, here = visit.account, visit.session.digest if visit.session else ""
    with database.writing(visit.engine) as connection:
        sessions.end_all(connection, mine.id, but=here)
        audit.note(connection, at=visit.now, by=mine.id, action="sessions-ended", subject=mine.id, origin="browser")
    return visit.go("/account?done=sessions")


@router.post("/account/tokens")
def make_token(visit: Visiting, posted: Posting) -> Response:
    """A token, shown this once."""
    mine, days = visit.account, posted.get("days")
    until = visit.now + timedelta(days=min(int(days[:9]), 10_000) if days.isascii() and days.isdigit() else 0)
    name, scopes = posted.get("name"), posted.all("scope")
    try:
        with database.writing(visit.engine) as connection:
            clear, token = tokens.issue(connection, mine.id, name=name, scopes=scopes, until=until, at=visit.now)
    except BadInput as fault:
        return _page(visit, 422, fault, posted=posted, place="token")
    return _page(visit, 201, clear=clear, token=token)


@router.post("/account/tokens/{token}/revoke")
def revoke(visit: Visiting, token: str, posted: Posting) -> Response:
    """A token that works no more."""
    mine = visit.account
    with database.writing(visit.engine) as connection:
        tokens.revoke(connection, mine.id, token, at=visit.now, by=mine.id)
    return visit.go("/account?done=revoked")


def _page(
    visit: Visit,
    status: int = 200,
    fault: RegistryError | None = None,
    *,
    done: str = "",
    posted: Posted | None = None,
    place: str = "",
    clear: str = "",
    token: tokens.Token | None = None,
) -> Response:
    mine = visit.account
    with database.reading(visit.engine) as connection:
        browsers = sessions.of(connection, mine.id, visit.now)
        keys = tokens.of(connection, mine.id, visit.now)
    return visit.private(
        "account.html",
        "account",
        status,
        mine=mine,
        names=[(lang, NAMES[lang]) for lang in ORDER],
        browsers=browsers,
        here=visit.session.digest if visit.session else "",
        tokens=keys,
        scopes=SCOPES,
        days=DAYS,
        fault=fault,
        at=place or (fault.where if fault else ""),
        done=done,
        typed=posted,
        clear=clear,
        token=token,
    )
