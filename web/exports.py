"""What a search found, for programs: a Hydra collection, plain JSON, an Atom feed.

Sources: RFC 4287 (Atom); https://www.hydra-cg.com/spec/latest/core/ (collections and their views).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from xml.etree import ElementTree

from registry.registry import Entry
from registry.standing import LICENCE
from registry.terms import DCTERMS, FOAF, RDF, XSD, Graph, Literal, NamedNode, Term, Triple
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

FEED = "http://www.w3.org/2005/Atom"
NEWEST = 50
_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

ElementTree.register_namespace("", FEED)


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
    for entry in found.entries(found.answer.records):
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


def items(page: Page, found: Found) -> bytes:
    """One page of what was found as plain JSON, for programs that know neither RDF nor this registry."""
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
        "items": [_item(page, entry) for entry in found.entries(answer.records)],
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


def atom(page: Page, found: Found) -> bytes:
    """The newest of what was found, as a feed."""
    records = found.search.all(replace(found.asked, sort="newest"))[:NEWEST]
    entries = found.entries(records)
    labels = Labels(page.registry, {iri for entry in entries for iri in references(entry)})
    name = page.say_in_words(_("Biosafety Capacity Registry"))
    words = page.say_in_words(_("{name}:"), name=page.say_in_words(_("Search"))) + f" {found.asked.text}"
    root = ElementTree.Element(f"{{{FEED}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": page.lang})
    newest = max((_moment(entry) for entry in entries), default=page.registry.changed)
    _add(root, "title", f"{words} – {name}" if found.asked.text else name)
    _add(root, "id", page.whole)
    _add(root, "updated", newest.isoformat())
    _add(_add(root, "author"), "name", name)
    _add(root, "rights", LICENCE.value)
    _link(root, "self", page.absolute(f"{page.path}.{ATOM.suffix}") + page.asked, ATOM.type)
    _link(root, "alternate", page.whole, "text/html")
    for entry in entries:
        _entry(root, page, entry, labels)
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))


def _entry(root: ElementTree.Element, page: Page, entry: Entry, labels: Labels) -> None:
    added = _add(root, "entry")
    title = page.text(label_of(page.registry, entry))
    issued = entry.graph.text(entry.doc, DCTERMS.issued)
    _add(added, "id", entry.iri.value)
    _add(added, "title", title.text, title.lang)
    _add(added, "updated", _moment(entry).isoformat())
    if issued:
        _add(added, "published", _read(issued).isoformat())
    _link(added, "alternate", entry.doc.value, "text/html")
    category = _add(added, "category")
    category.attrib |= {"term": entry.format.register, "label": _writable(page.text(entry.format.names).text)}
    intro = Drawer(page, entry, labels).head(entry.format.description)
    if intro:
        _add(added, "summary", shortened(intro.text).text, intro.text.lang)


def _add(parent: ElementTree.Element, name: str, text: str = "", lang: str = "") -> ElementTree.Element:
    added = ElementTree.SubElement(parent, f"{{{FEED}}}{name}")
    added.text = _writable(text) or None
    if lang and lang != "und":
        added.set("{http://www.w3.org/XML/1998/namespace}lang", lang)
    return added


def _link(parent: ElementTree.Element, rel: str, href: str, type: str) -> None:
    _add(parent, "link").attrib |= {"rel": rel, "href": href, "type": type}


def _writable(text: str) -> str:
    """A text without the signs that XML has no way to write."""
    return _UNWRITABLE.sub("", text)


def _modified(entry: Entry) -> str:
    return entry.graph.text(entry.doc, DCTERMS.modified) or entry.changed.isoformat()


def _moment(entry: Entry) -> datetime:
    return _read(_modified(entry))


def _read(text: str) -> datetime:
    """A moment, which is in UTC where nobody says."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
