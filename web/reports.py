"""Findings for whoever sent the record: a list for programs and readers, a validation report of SHACL for RDF.

Sources: https://www.w3.org/TR/shacl/#validation-report; RFC 9457 (members of a problem); RFC 6901.
"""

from __future__ import annotations

from collections.abc import Sequence

from registry.deposits import Refused
from registry.errors import Unfit
from registry.exchange.pointers import pointer
from registry.findings import Finding, report
from registry.terms import Graph, Own


def rows(findings: Sequence[Finding], document: object, lang: str) -> list[dict[str, str]]:
    """Findings in a language; `pointer` leads into the compact JSON-LD of what was sent."""
    return [
        {
            "severity": finding.severity,
            "field": finding.key,
            "pointer": pointer(document, finding) if document else f"/{finding.key}",
            "path": finding.path.value if finding.path else "",
            "focus": finding.focus.value,
            "value": finding.value,
            "message": finding.say(lang),
            "remedy": finding.advise(lang),
        }
        for finding in findings
    ]


def of_error(error: Unfit, lang: str) -> list[dict[str, str]]:
    """The findings that an error carries, whichever door it comes from."""
    return rows(error.findings, error.document if isinstance(error, Refused) else None, lang)


def graph_of(error: Unfit, own: Own) -> Graph:
    """The same as a validation report."""
    return report(error.findings, own, error.about if isinstance(error, Refused) else None)
