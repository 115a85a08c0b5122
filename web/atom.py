"""The writing of Atom: a feed, its entries, what says that one is gone.

Sources: RFC 4287 (Atom); RFC 5005 (archived feeds); RFC 6721 (deleted entries).
"""

from __future__ import annotations

from datetime import datetime
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from registry.exchange.writing import sayable
from registry.standing import LICENCE
from web.negotiate import ATOM
from web.render import Page
from web.words import Text

NAMESPACE = "http://www.w3.org/2005/Atom"
HISTORY = "http://purl.org/syndication/history/1.0"
TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

for _prefix, _namespace in (("", NAMESPACE), ("fh", HISTORY), ("at", TOMBSTONES)):
    ElementTree.register_namespace(_prefix, _namespace)


def feed(page: Page, id: str, title: str, author: str, updated: datetime) -> Element:
    """A feed without entries, in the language of a page."""
    root = Element(f"{{{NAMESPACE}}}feed", {_LANG: page.lang})
    add(root, "title", title)
    add(root, "id", id)
    add(root, "updated", updated.isoformat())
    add(add(root, "author"), "name", author)
    add(root, "rights", LICENCE.value)
    return root


def entry(root: Element, id: str, title: Text, updated: datetime, published: datetime | None) -> Element:
    """An entry, to which links, category and summary can be added."""
    added = add(root, "entry")
    add(added, "id", id)
    add(added, "title", title.text, title.lang)
    add(added, "updated", updated.isoformat())
    if published:
        add(added, "published", published.isoformat())
    return added


def deleted(root: Element, id: str, when: datetime, reason: Text) -> Element:
    """The mark that an entry is gone, since when and why."""
    added = ElementTree.SubElement(root, f"{{{TOMBSTONES}}}deleted-entry", {"ref": id, "when": when.isoformat()})
    said = ElementTree.SubElement(added, f"{{{TOMBSTONES}}}comment")
    said.text = sayable(reason.text)
    if reason.lang != "und":
        said.set(_LANG, reason.lang)
    return added


def add(parent: Element, name: str, text: str = "", lang: str = "") -> Element:
    """An element of Atom with a text, which names its language where it is known."""
    added = ElementTree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    added.text = sayable(text) or None
    if lang and lang != "und":
        added.set(_LANG, lang)
    return added


def link(parent: Element, rel: str, href: str, type: str = ATOM.type) -> None:
    """A link of a feed or an entry."""
    add(parent, "link").attrib |= {"rel": rel, "href": href, "type": type}


def category(parent: Element, term: str, label: str) -> None:
    """What kind of thing an entry is."""
    add(parent, "category").attrib |= {"term": term, "label": sayable(label)}


def archive(root: Element) -> None:
    """Say of a feed document that it never changes again."""
    root.insert(0, Element(f"{{{HISTORY}}}archive"))


def written(root: Element) -> bytes:
    """The bytes of a feed."""
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))
