"""What could be better in a record: the findings of the checks by field, on its page and as a validation report.

Source: https://www.w3.org/TR/shacl/#validation-report; 2005 report, paragraph 23 (d).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import Response

from registry import findings as checked
from registry.errors import Gone, NotFound
from registry.findings import Finding
from registry.registry import Entry, Registry
from registry.terms import NamedNode
from web.answers import Link
from web.history import stem_of
from web.labels import label_of
from web.render import Page
from web.visit import Target, Visit, Visiting, fixed_by
from web.words import Text
from web.words import marked as _

router = APIRouter()

WEIGHTS = {"must": _("Must be put right"), "should": _("Should be better"), "may": _("Could be better")}


@dataclass(frozen=True)
class Remark:
    """One finding in a reader's words, with the place on the page it is about."""

    severity: str
    weight: str
    field: Text | None
    anchor: str
    message: str
    remedy: str


def remarks(page: Page, entry: Entry, findings: Iterable[Finding]) -> list[Remark]:
    """The findings of a record as its page tells them, what matters most first."""
    order = list(WEIGHTS)
    found = sorted(findings, key=lambda finding: order.index(finding.severity))
    return [_remark(page, entry, finding) for finding in found]


def _remark(page: Page, entry: Entry, finding: Finding) -> Remark:
    return Remark(
        severity=finding.severity,
        weight=page.say_in_words(WEIGHTS[finding.severity]),
        field=page.text(finding.names) if finding.names else None,
        anchor=finding.focus.value.partition("#")[2] if finding.focus != entry.iri else "",
        message=finding.say(page.lang),
        remedy=finding.advise(page.lang),
    )


def doubted(registry: Registry, state: NamedNode | None, findings: Iterable[Finding]) -> bool:
    """Whether a finding speaks against the state of a record: it is about the field that states are stated in."""
    concept = registry.concepts.get(state)
    fields = [
        f for format in registry.formats.values() for f in format.fields if concept and concept.scheme in f.schemes
    ]
    return any(finding.value and finding.path in [field.path for field in fields] for finding in findings)


@router.get("/doc/{name}/findings")
def findings(visit: Visiting, name: str) -> Response:
    """The findings of a record on the day."""
    return visit.reply(_resource(visit, name), None)


@router.get("/doc/{name}/findings.{suffix}")
def findings_as(visit: Visiting, name: str, suffix: str) -> Response:
    """The findings of a record, in the form that the address fixes."""
    return visit.reply(_resource(visit, name), fixed_by(suffix, "findings"))


def _resource(visit: Visit, name: str) -> Target:
    stem, registry = stem_of(visit, name, "findings"), visit.registry
    return Target(
        path=f"doc/{stem}/findings",
        html=lambda page: _draw(visit, page, _entry(visit, stem)),
        graph=lambda: checked.report(
            registry.findings(_entry(visit, stem), visit.site.day), registry.own, registry.own.doc(stem)
        ),
        modified=lambda: visit.site.modified,
        links=lambda: (Link(_entry(visit, stem).doc.value, "about"),),
    )


def _entry(visit: Visit, stem: str) -> Entry:
    entry = visit.registry.record(stem)
    if entry is None and visit.registry.ending(stem):
        raise Gone("The record {name} was retired or merged; it is no longer checked.", name=stem)
    if entry is None:
        raise NotFound("There is no record {name}.", name=stem)
    return entry


def _draw(visit: Visit, page: Page, entry: Entry) -> bytes:
    found = visit.registry.findings(entry, visit.site.day)
    return visit.site.renderer.draw(
        "findings.html",
        page,
        entry=entry,
        title=page.text(label_of(visit.registry, entry)),
        remarks=remarks(page, entry, found),
        day=visit.site.day,
    )
