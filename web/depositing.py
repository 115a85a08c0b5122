"""What became of a record that was sent, as an answer that can be given again.

An answer is kept with the receipt's id where its secret link belongs: the link is shown once, and whoever repeats the
request gets another that opens the same receipt. Source: RFC 9110, sections 15.3.2 and 15.3.3.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from starlette.responses import Response

from registry import database, deposits, repeats
from registry.database import Connection
from registry.deposits import Deposited, Terms
from registry.errors import RegistryError, Unfit
from registry.language import translation
from registry.repeats import Kept, Repeat, Repeated
from web import reports
from web.answers import NEVER
from web.problems import STATUS, TITLES
from web.sent import Sent
from web.visit import Visit

PLACE = "urn:registry:receipt:"
_PLACE = re.compile(PLACE + r"([0-9a-f]+)")


def terms(visit: Visit, sent: Sent, *, dry: bool = False, repeat: Repeat | None = None) -> Terms:
    """On what terms a request's records are taken; with a key, its answer is kept with what it did."""
    direct = sent.bearer.direct
    if repeat is None or dry:
        return Terms(visit.now, direct=direct, dry=dry)

    def before(connection: Connection) -> None:
        if kept := repeats.earlier(connection, repeat):
            raise Repeated(kept)

    def after(connection: Connection, done: Deposited) -> None:
        repeats.keep(connection, repeat, answer(visit, done), at=visit.now)

    return Terms(visit.now, direct=direct, dry=dry, before=before, after=after)


def once(visit: Visit, sent: Sent, work: Callable[[Terms], Deposited]) -> Response:
    """The answer to a request for one record, given again where the request came before.

    What a twin of the request did in the meantime may be why this one fails: then its answer is that of the twin.
    """
    if kept := _since(visit, sent):
        return given(visit, sent, kept)
    try:
        done = work(terms(visit, sent, repeat=sent.repeat))
    except Repeated as repeated:
        return given(visit, sent, repeated.kept)
    except RegistryError:
        if kept := _since(visit, sent):
            return given(visit, sent, kept)
        raise
    return given(visit, sent, answer(visit, done), {done.receipt or "": done.secret})


def _since(visit: Visit, sent: Sent) -> Kept | None:
    """The answer that the same request had already."""
    if sent.repeat is None:
        return None
    with database.reading(visit.engine) as connection:
        return repeats.earlier(connection, sent.repeat)


def answer(visit: Visit, done: Deposited) -> Kept:
    """What is said of a record that was taken."""
    base, status = visit.site.settings.base, _status(done)
    headers = {"ETag": f'"{tag(done)}"'} if done.version or done.revision else {}
    links = [f'<{base}doc/{done.identifier}>; rel="describedby"'] if done.version else []
    links += [f'<{PLACE}{done.receipt}>; rel="{base}ns/registry#receipt"'] if done.receipt else []
    if links:
        headers["Link"] = ", ".join(links)
    if status == 201:
        headers["Location"] = f"{base}id/{done.identifier}"
    if status == 202:
        headers["Location"] = f"{PLACE}{done.receipt}"
    told = {
        "status": done.status,
        "changed": done.changed,
        "identifier": done.identifier,
        "id": f"{base}id/{done.identifier}",
        "version": done.version,
        "receipt": f"{PLACE}{done.receipt}" if done.receipt else None,
        "findings": reports.rows(done.findings, done.document, visit.language),
    }
    return Kept(status, headers, json.dumps({k: v for k, v in told.items() if v is not None}, ensure_ascii=False))


def tag(done: Deposited) -> str:
    """What If-Match says to change what is now: `v3`; `v3-r5` while a draft waits, `r5` before the first version."""
    parts = [f"v{done.version}"] if done.version else []
    return "-".join([*parts, *([f"r{done.revision}"] if done.revision else [])])


def _status(done: Deposited) -> int:
    if not done.changed:
        return 200
    return 202 if done.status == "pending-approval" else 201 if done.made else 200


def refused(error: RegistryError, lang: str) -> dict[str, object]:
    """What is said of one item of a list that was not taken."""
    status = STATUS.get(error.code, 500)
    said: dict[str, object] = {
        "status": status,
        "title": translation(lang).gettext(TITLES.get(status, "")),
        "detail": " ".join(filter(None, (error.say(lang), error.advise(lang)))),
    }
    if error.where:
        said["where"] = error.where
    return said | ({"findings": reports.of_error(error, lang)} if isinstance(error, Unfit) else {})


def given(visit: Visit, sent: Sent, kept: Kept, shown: dict[str, str] | None = None) -> Response:
    """An answer with the links to its receipts in it: `shown` holds the secrets that were just made."""
    secrets = {id: secret for id, secret in (shown or {}).items() if secret}

    def link(found: re.Match[str]) -> str:
        account = sent.bearer.actor.account.id
        if found[1] not in secrets:
            secrets[found[1]] = deposits.fresh_receipt(visit.registry, found[1], account=account, at=visit.now)
        return f"{visit.site.settings.base}receipt/{secrets[found[1]]}"

    headers = {name: _PLACE.sub(link, value) for name, value in kept.headers.items()}
    headers |= {"Cache-Control": NEVER, "Vary": "Authorization, Accept-Language"}
    body = _PLACE.sub(link, kept.body)
    return Response(body.encode(), kept.status, headers=headers, media_type="application/json")
