"""What a search found, for programs: a Hydra collection, plain JSON, an Atom feed.

Sources: RFC 4287 (Atom); https://www.hydra-cg.com/spec/latest/core/ (collections and their views).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from xml.etree.ElementTree import Element

from registry.formats import Format
from registry.registry import Entry
from registry.standing import LICENCE
from registry.terms import DCTERMS, FOAF, RDF, XSD, Graph, Literal, NamedNode, Term, Triple
from web import atom as feeding
from web.facets import label
from web.facetted import written
from web.fields import Drawer
from web.found import Found
from web.hits import shortened
from web.labels import Labels, label_of, references
from web.negotiate import ATOM
from web.places import HYDRA
from web.render import Page
from web.words import marked as _

NEWEST = 50


def graph(found: Found, collection: NamedNode, view: NamedNode, neighbours: Mapping[str, NamedNode]) -> Graph:
    """One page of what was found, as members of a collection, which has this page as its view."""
    said: list[tuple[NamedNode, NamedNode, Term]] = [
        (collection, RDF.type, HYDRA.Collection),
        (collection, HYDRA.totalItems, Literal(found.answer.total)),
        (collection, DCTERMS.license, LICENCE),
    ]
    if found.answer.pages > 1:
        names = {"prev": "previous"}
        said += [(collection, HYDRA.view, view), (view, RDF.type, HYDRA.PartialCollectionView)]
        said += [(view, HYDRA[names.get(rel, rel)], iri) for rel, iri in neighbours.items()]
    for entry in found.shown:
        path = entry.format.label.path
        said += [
            (collection, HYDRA.member, entry.iri),
            (entry.iri, RDF.type, entry.format.target),
            (entry.iri, FOAF.isPrimaryTopicOf, entry.doc),
            *((entry.iri, path, name) for name in entry.graph.objects(entry.iri, path)),
            (entry.doc, DCTERMS.identifier, Literal(entry.identifier)),
            (entry.doc, DCTERMS.modified, Literal(_modified(entry), datatype=XSD.dateTime)),
        ]
    return Graph(Triple(subject, predicate, value) for subject, predicate, value in said)


def items(page: Page, found: Found, following: str) -> bytes:
    """One page of what was found as plain JSON, for programs that know neither RDF nor this registry.

    `following`: the address of the next page, empty on the last.
    """
    answer, registry = found.answer, page.registry
    facets = {
        facet.key: [
            {
                "value": written(registry, facet.key, one.value),
                "iri": one.value.value,
                "label": label(page, facet.key, one.value).text,
                "count": one.count,
                "chosen": one.chosen,
            }
            for one in facet.options
        ]
        for facet in answer.facets
    }
    told = {
        "total": answer.total,
        "page": found.asked.page,
        "pages": answer.pages,
        "archivedMore": answer.hidden,
        **({"next": following} if following else {}),
        "items": [_item(page, entry) for entry in found.shown],
        "facets": facets,
    }
    return json.dumps(told, ensure_ascii=False, indent=1).encode()


def _item(page: Page, entry: Entry) -> dict[str, str]:
    title = page.text(label_of(page.registry, entry))
    return {
        "identifier": entry.identifier,
        "iri": entry.iri.value,
        "page": entry.doc.value,
        "type": entry.format.register,
        "title": title.text,
        "titleLanguage": title.lang,
        "modified": _modified(entry),
    }


def atom(page: Page, found: Found, register: Format | None = None) -> bytes:
    """The newest of what was found, as a feed; `register`: whose records they all are."""
    records = found.search.all(replace(found.asked, sort="newest"), NEWEST)
    entries = found.entries(records)
    labels = Labels(page.registry, {iri for entry in entries for iri in references(entry)})
    name = page.say_in_words(_("Biosafety Capacity Registry"))
    title = page.text(register.register_names).text if register else ""
    if found.asked.text:
        title = page.say_in_words(_("{name}:"), name=title or page.say_in_words(_("Search"))) + f" {found.asked.text}"
    newest = max((_moment(entry) for entry in entries), default=page.registry.changed)
    root = feeding.feed(page, page.whole, f"{title} – {name}" if title else name, name, newest)
    feeding.link(root, "self", page.absolute(f"{page.path}.{ATOM.suffix}") + page.asked)
    feeding.link(root, "alternate", page.whole, "text/html")
    for entry in entries:
        _entry(root, page, entry, labels)
    return feeding.written(root)


def _entry(root: Element, page: Page, entry: Entry, labels: Labels) -> None:
    title, issued = page.text(label_of(page.registry, entry)), entry.graph.text(entry.doc, DCTERMS.issued)
    added = feeding.entry(root, entry.iri.value, title, _moment(entry), _read(issued) if issued else None)
    feeding.link(added, "alternate", entry.doc.value, "text/html")
    feeding.category(added, entry.format.register, page.text(entry.format.names).text)
    intro = Drawer(page, entry, labels).head(entry.format.description)
    if intro:
        feeding.add(added, "summary", shortened(intro.text).text, intro.text.lang)


def _modified(entry: Entry) -> str:
    return entry.graph.text(entry.doc, DCTERMS.modified) or entry.changed.isoformat()


def _moment(entry: Entry) -> datetime:
    return _read(_modified(entry))


def _read(text: str) -> datetime:
    """A moment, which is in UTC where nobody says."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
