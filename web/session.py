"""What a form sent, once it is sure that a page of ours sent it.

Three things are asked of every form: that the browser says it comes from here (Sec-Fetch-Site, Origin), that it
brings back the word it was given, and that it is not endless. A form that comes after its session has ended loses
nothing: it is shown again, to be sent once more. Sources: the Fetch standard; OWASP, as in `web.member`.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response
from starlette.types import Message

from registry.errors import BadInput, Forbidden, TooLarge, UnsupportedMedia
from web.member import local, unmasked
from web.slots import slot
from web.visit import Visit, Visiting
from web.words import marked as _

LARGEST = 1_000_000  # bytes of a form
MOST = 5_000  # fields of a form
NEVER_KEPT = ("password", "now", "csrf")  # what is not shown again
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")

_CHARSET = re.compile(r'charset\s*=\s*"?([^\s;"]+)', re.IGNORECASE)


@dataclass(frozen=True)
class Posted:
    """What a form sent: its fields, each with all its values, and its files."""

    fields: Mapping[str, list[str]]
    files: Mapping[str, list[UploadFile]] = field(default_factory=dict)

    def get(self, name: str) -> str:
        """The first value of a field; empty when it was not sent."""
        return next(iter(self.fields.get(name, ())), "")

    def all(self, name: str) -> list[str]:
        """All values of a field."""
        return list(self.fields.get(name, ()))


class Lapsed(Forbidden):
    """A form of ours whose session has ended in the meantime; it carries what was typed."""

    def __init__(self, posted: Posted) -> None:
        super().__init__(_("This form was open for too long."), remedy=_("Send it once more."))
        self.posted = posted


def reading(largest: int = LARGEST) -> Callable[[Request], AsyncIterator[Posted]]:
    """A dependency that reads a form up to a size, of strangers no more than of any form, and checks nothing else."""

    async def read(request: Request) -> AsyncIterator[Posted]:
        kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
        if kind and kind not in _FORMS:
            raise UnsupportedMedia("This address reads forms, not {type}.", type=kind)
        stated = _CHARSET.search(request.headers.get("content-type", ""))
        if stated and stated[1].lower() not in ("utf-8", "utf8"):
            raise UnsupportedMedia("A form is read in UTF-8 only.", remedy="Send it in UTF-8.")
        signed = await run_in_threadpool(lambda: Visit(request).signed) if largest > LARGEST else None
        bounded = _bounded(request, largest if signed else LARGEST)
        async with slot(request.app, signed.id) if signed else nullcontext():
            form = await bounded.form(max_files=20, max_fields=MOST, max_part_size=LARGEST)
        try:
            if sum(len(value) for _, value in form.multi_items() if isinstance(value, str)) > LARGEST:
                raise _too_large(LARGEST)
            yield _posted(form)
        finally:
            await form.close()

    return read


def posting(largest: int = LARGEST) -> Callable[[Visit, Posted], Posted]:
    """A dependency that gives what a form of ours sent, up to a size in bytes.

    Raises TooLarge, UnsupportedMedia, Forbidden for a form from elsewhere or without its word, Lapsed for one of ours
    that came too late.
    """

    read = Depends(reading(largest))

    def checked(visit: Visiting, posted: Posted = read) -> Posted:
        ours = _from_here(visit)
        shown = posted.get("csrf")
        if secrets.compare_digest(unmasked(shown).encode(), visit.word.encode()):
            return posted
        if ours and len(unmasked(shown)) == len(visit.word):
            raise Lapsed(posted)
        raise Forbidden("This form was not sent by a page of the registry.", remedy="Open the page again.")

    return checked


Posting = Annotated[Posted, Depends(posting())]


def install(app: FastAPI) -> None:
    """Show a form that came too late once more, with all that was typed."""
    app.add_exception_handler(Lapsed, lapsed)


def lapsed(request: Request, error: Exception) -> Response:
    """The form again: to be sent once more, or to sign in first; 403, for nothing was done."""
    assert isinstance(error, Lapsed)
    visit, posted = Visit(request), error.posted
    if posted.get("kept.path"):
        path, kept = local(posted.get("kept.path")) or "/" + visit.path, unwrapped(posted)
    else:
        path, kept = "/" + visit.path, keepable(posted)
    return resumed(visit, path, kept, status=403)


def resumed(visit: Visit, path: str, kept: Mapping[str, list[str]], *, status: int = 200) -> Response:
    """The page that sends what was typed once more; whoever is not signed in signs in on it."""
    entry = path in ("/sign-in", "/sign-up", "/reset") or path.split("/")[1] in ("confirm", "invitation", "reset")
    return visit.private(
        "resume.html", "sign-in", status, action=path.lstrip("/"), kept=kept, first=visit.signed is None and not entry
    )


def keepable(posted: Posted) -> dict[str, list[str]]:
    """The fields that may be shown again."""
    return {name: values for name, values in posted.fields.items() if name not in NEVER_KEPT}


def unwrapped(posted: Posted) -> dict[str, list[str]]:
    """The fields of the form that was interrupted by signing in."""
    found = {name.removeprefix("kept.f."): v for name, v in posted.fields.items() if name.startswith("kept.f.")}
    return {name: values for name, values in found.items() if name not in NEVER_KEPT}


def _from_here(visit: Visit) -> bool:
    """Whether the browser says that the form stood on a page of ours; raises Forbidden when it says otherwise."""
    headers, base = visit.request.headers, urlsplit(visit.site.settings.base)
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    here = f"{base.scheme}://{base.netloc}"
    if (site and site not in ("same-origin", "none")) or (origin and origin.lower() != here.lower()):
        raise Forbidden(
            "This form was sent from another site.",
            remedy="Open the registry at {base}.",
            base=visit.site.settings.base,
        )
    return bool(site or origin)


def _bounded(request: Request, largest: int) -> Request:
    """The request, its body counted while it comes in; what it states of its length is believed when it is too much."""
    stated = request.headers.get("content-length", "0")
    if stated.isascii() and stated.isdigit() and int(stated[:15]) > largest:
        raise _too_large(largest)
    read = 0

    async def receive() -> Message:
        nonlocal read
        message = await request.receive()
        read += len(message.get("body", b""))
        if read > largest:
            raise _too_large(largest)
        return message

    return Request(request.scope, receive)


def _too_large(largest: int) -> TooLarge:
    return TooLarge(
        "A form may have at most {count} bytes.",
        remedy="Go back in the browser: what you typed is still there. Leave out the files that are too large.",
        where="body",
        count=largest,
    )


def _text(said: str) -> None:
    """Raises BadInput for what no text holds: NUL, half a character."""
    if "\x00" in said or any("\ud800" <= sign <= "\udfff" for sign in said):
        raise BadInput("A field holds a character that no text has.")


def _posted(form: FormData) -> Posted:
    fields: dict[str, list[str]] = {}
    files: dict[str, list[UploadFile]] = {}
    for name, value in form.multi_items():
        _text(name)
        if isinstance(value, UploadFile):
            files.setdefault(name, []).append(value)
            continue
        _text(value)
        fields.setdefault(name, []).append(value.replace("\r\n", "\n"))
    return Posted(fields, files)
