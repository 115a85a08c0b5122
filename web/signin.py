"""Signing in and out.

An e-mail address that nobody has and a password that does not fit are answered alike, in the same time: in both cases
a hash is computed and a line is written. Source: OWASP Authentication cheat sheet.
"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from registry import audit, database, passwords, people, throttle
from registry.errors import BadInput, RegistryError
from web.member import local
from web.session import Posted, Posting, resumed, unwrapped
from web.visit import Visit, Visiting

router = APIRouter()

FRONT = "/desk"


@router.get("/sign-in")
def sign_in_form(visit: Visiting, next: str = "", done: str = "") -> Response:
    """The form; `next` is where the reader wanted to go, `done` what has just happened."""
    if visit.signed:
        return visit.go(local(next) or FRONT)
    return _form(visit, next=next, done=done)


@router.post("/sign-in")
def sign_in(visit: Visiting, posted: Posting) -> Response:
    """A new session under a new identifier, or the form again."""
    email, password = posted.get("email").strip().lower(), posted.get("password")
    with database.writing(visit.engine) as connection:
        throttle.guess(connection, email, visit.address, at=visit.now)
        found = people.find(connection, email)
        kept = people.password_of(connection, found.id) if found else None
    if not passwords.fits(kept, password) or found is None or kept is None:
        with database.writing(visit.engine) as connection:
            subject = found.id if found else "nobody"
            audit.note(
                connection, at=visit.now, by="nobody", action="sign-in-refused", subject=subject, origin="browser"
            )
        fault = BadInput(
            "The e-mail address and the password do not fit together.",
            remedy="Try again, or choose a new password.",
            where="password",
        )
        return _form(visit, 422, fault, posted, email=email)
    fresh = passwords.hashed(password) if passwords.outdated(kept) else None
    with database.writing(visit.engine) as connection:
        throttle.greet(connection, email, visit.address, at=visit.now)
        if fresh:
            people.refresh_password(connection, found.id, fresh)
        visit.begin(connection, found.id)
        audit.note(connection, at=visit.now, by=found.id, action="signed-in", subject=found.id, origin="browser")
    if path := local(posted.get("kept.path")):
        return resumed(visit, path, unwrapped(posted))
    return visit.go(local(posted.get("next")) or FRONT)


@router.post("/sign-out")
def sign_out(visit: Visiting, posted: Posting) -> Response:
    """The session ends; to the front page."""
    with database.writing(visit.engine) as connection:
        if visit.signed:
            whose = visit.signed.id
            audit.note(connection, at=visit.now, by=whose, action="signed-out", subject=whose, origin="browser")
        visit.leave(connection)
    return visit.go("/")


def _form(
    visit: Visit,
    status: int = 200,
    fault: RegistryError | None = None,
    posted: Posted | None = None,
    *,
    next: str = "",
    done: str = "",
    email: str = "",
) -> Response:
    """The form, with what an interrupted one held."""
    return visit.private(
        "sign-in.html",
        "sign-in",
        status,
        next=local(posted.get("next") if posted else next),
        action=local(posted.get("kept.path")).lstrip("/") if posted else "",
        kept=unwrapped(posted) if posted else {},
        done=done,
        email=email,
        fault=fault,
    )
