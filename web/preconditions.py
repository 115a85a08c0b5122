"""If-Match: a change says which state it was made from, and nobody overwrites what they have not seen.

A state is told by the tag of a write's answer (`"v3"`), or by the entity tag of any representation that holds data.
Sources: RFC 9110, sections 8.8.3 and 13.1.1; RFC 6585, section 3.
"""

from __future__ import annotations

import re

from registry import deposits
from registry.aims import Aim
from registry.drafts import stale
from registry.errors import PreconditionMissing, Stale
from registry.submission import overtaken
from web import records
from web.choice import Choice
from web.negotiate import DATA, FORMS, JSON, JSONLD, Representation
from web.problems import Overtaken
from web.target import Drawing
from web.visit import Visit

_TAG = re.compile(r'(W/)?"([^"]*)"')


def demand(visit: Visit, aim: Aim, yours: object) -> None:
    """Raises PreconditionMissing without If-Match, Overtaken with both texts where it names another state."""
    stated = visit.request.headers.get("if-match")
    if stated is None:
        raise PreconditionMissing(
            "The request does not say which version it was made from.",
            remedy="Send the header If-Match with the ETag of what you read.",
            where="If-Match",
        )
    tags = {tag for weak, tag in _TAG.findall(stated) if not weak}  # a strong comparison: RFC 9110, section 8.8.3.2
    if stated.strip() == "*" or aim.tag in tags:
        return
    if aim.draft is None and tags & _shown(visit, aim):
        return
    if aim.draft:
        raise told(visit, stale(aim.draft), aim, yours)
    number = aim.entry.number if aim.entry else None
    raise told(visit, overtaken(aim.record.value.rsplit("/", 1)[-1], number), aim, yours)


def told(visit: Visit, error: Stale, aim: Aim, yours: object) -> Overtaken:
    """The error with what stands now and what was sent."""
    document = deposits.current(visit.registry, aim)
    current = {"version": aim.entry.number if aim.entry else None, "tag": aim.tag, "document": document}
    return Overtaken(error, current=current, yours=yours)


def _shown(visit: Visit, aim: Aim) -> set[str]:
    """The entity tags of all that a reader of data may hold of the record as it is now."""
    target = records.described(visit, aim.entry.identifier if aim.entry else "")
    drawing = Drawing(visit.site, "", visit.page)
    found = [Representation(media, inline=inline) for media in (*DATA, JSON) for inline in (False, True)]
    found += [Representation(JSONLD, form=form, inline=inline) for form in FORMS for inline in (False, True)]
    digests = (drawing.answer(target, Choice(one, fixed=True)).digest for one in found)
    return {tag for digest in digests for tag in (digest, f"{digest}-gz")}
