"""An error in words, ready for any medium: a page, application/problem+json, RDF, lines of text.

Sources: RFC 9457 (problem details); https://www.w3.org/TR/shacl/#validation-report.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import quote

from fastapi import Request

from registry.exchange import jsonld
from registry.exchange.writing import serialise
from registry.terms import DCTERMS, RDF, Graph, Literal, NamedNode, Namespace, Triple
from web.answers import Link
from web.negotiate import HTML, JSONLD, NQUADS, NTRIPLES, PROBLEM, RDFXML, TRIG, TURTLE, XHTML, Media
from web.xhtml import xhtml

HTTP = Namespace("http://www.w3.org/2011/http#")
OFFERED = (HTML, PROBLEM, TURTLE, NTRIPLES, RDFXML, TRIG, NQUADS, XHTML)


class Told:
    """An error in words, ready for any medium."""

    def __init__(
        self,
        request: Request,
        status: int,
        title: str,
        detail: str,
        parameter: str,
        lang: str,
        members: Mapping[str, object],
        report: Graph | None,
    ) -> None:
        self.request, self.status, self.title, self.detail = request, status, title, detail
        self.parameter, self.lang, self.members, self.report = parameter, lang, members, report
        self.site = request.app.state.site
        self.address = self.site.settings.base + quote(request.url.path.lstrip("/"), safe="/:@!$&'()*+,;=~.-_")

    def body(self, media: Media, alternates: tuple[Link, ...]) -> bytes:
        """The error in a medium."""
        if media in (HTML, XHTML):
            page = self.site.renderer.page(self.lang, self.request.url.path.lstrip("/"))
            drawn = bytes(self.site.renderer.draw("problem.html", page, problem=self, alternates=alternates))
            return xhtml(drawn) if media is XHTML else drawn
        if media is PROBLEM:
            return json.dumps(self.details(), ensure_ascii=False).encode(errors="replace")
        if media is JSONLD:
            return jsonld.dumps(jsonld.compacted(self.graph(), self.site.registry.house.prefixes))
        if media in OFFERED:
            return bytes(serialise(self.graph(), media.type, self.site.registry.house.prefixes))
        lines = [
            self.title,
            self.detail,
            *self._lines(),
            *(f"{link.attributes['type']} {link.target}" for link in alternates),
        ]
        return "\n".join(filter(None, lines)).encode() + b"\n"

    def details(self) -> dict[str, object]:
        """The members of application/problem+json."""
        found: dict[str, object] = {"type": "about:blank", "title": self.title, "status": self.status}
        extra = {"detail": self.detail, "instance": self.address, "parameter": self.parameter}
        return {**found, **{name: value for name, value in extra.items() if value}, **self.members}

    @property
    def findings(self) -> list[dict[str, str]]:
        """What was found in a record, for a page."""
        found = self.members.get("findings", [])
        return found if isinstance(found, list) else []

    @property
    def where(self) -> str:
        """The place in what was sent."""
        return str(self.members.get("where", ""))

    def _lines(self) -> list[str]:
        return [f"{row['severity']} {row['pointer']} {row['message']} {row['remedy']}" for row in self.findings]

    def graph(self) -> Graph:
        """The error as a response in the W3C's HTTP vocabulary; a fragment, so that no record is spoken of.

        What was found in a record is a validation report instead.
        """
        if self.report is not None:
            return self.report
        subject = NamedNode(self.address + "#problem")
        triples = [
            Triple(subject, RDF.type, HTTP.Response),
            Triple(subject, HTTP.statusCodeNumber, Literal(self.status)),
            Triple(subject, DCTERMS.title, Literal(self.title, language=self.lang)),
        ]
        if self.detail:
            triples.append(Triple(subject, DCTERMS.description, Literal(self.detail, language=self.lang)))
        return Graph(triples)
