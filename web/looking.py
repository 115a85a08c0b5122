"""A dry run: what would be found in a record, and nothing is written.

Source: https://www.w3.org/TR/shacl/#validation-report.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from starlette.responses import Response

from registry.exchange import jsonld
from registry.exchange.writing import serialise
from registry.findings import Finding, report
from registry.terms import NamedNode
from web import negotiate
from web.answers import NEVER, Answer, finish
from web.negotiate import JSON, JSONLD, NQUADS, NTRIPLES, RDFXML, TRIG, TURTLE
from web.reports import rows
from web.visit import Visit

OFFERED = (JSON, JSONLD, TURTLE, NTRIPLES, RDFXML, TRIG, NQUADS)


def looked_at(visit: Visit, findings: Sequence[Finding], document: object, about: NamedNode | None) -> Response:
    """The answer to whoever asks only what would be found: 200, whatever it is."""
    media = negotiate.choose_media(visit.request.headers.get("accept"), OFFERED) or JSON
    prefixes = visit.registry.house.prefixes
    if media is JSON:
        sound = not any(finding.blocks for finding in findings)
        told = {
            "status": "sound" if sound else "refused",
            "changed": False,
            "findings": rows(findings, document, visit.language),
            "document": document,
        }
        body = json.dumps(told, ensure_ascii=False).encode()
    elif media is JSONLD:
        body = jsonld.dumps(jsonld.compacted(report(findings, visit.registry.own, about), prefixes))
    else:
        body = serialise(report(findings, visit.registry.own, about), media.type, prefixes)
    vary = ("Accept", "Accept-Language", "Authorization")
    return finish(visit.request.headers, Answer(body, media.content_type, cache=NEVER, vary=vary))
