"""Templates > pages: labels, languages and directions, dates and numbers, addresses that are safe to follow.

Autoescape is on; every text whose language is not the page's carries `lang` and `dir`; a link leads only where a
link may lead. Sentences are gettext keys with {named} places.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from registry.concepts import Concept
from registry.drafts import Draft
from registry.errors import fill
from registry.language import LANGUAGES, NAMES, Texts, direction, translation
from registry.registry import Registry
from registry.shape import path_name
from registry.submission import titles_of
from registry.terms import Literal, NamedNode
from web.answers import Link
from web.look import versioned
from web.negotiate import DATA, TABLES, Media
from web.words import Text, best, language_name, said_date, said_number, said_size

Query = Mapping[str, list[str]]

FOLDER = Path(__file__).parent
LINKED = ("http://", "https://", "mailto:", "tel:")
ORDER = ("ar", "zh", "en", "fr", "ru", "es")
_CODE = re.compile(
    r"(?<![\w/-])(\d{4}-\d{2}(?:-\d{2})?(?![\w-])|\d{1,3}(?:[ \u00a0\u202f]\d{3})+\b|\+\d[\d -]*\d"
    r"|BCH-[A-Z0-9]+-[A-Z]+-\w+|(?:https?://|mailto:|tel:)[^\s<>\"»،؛]*[^\s<>\"»،؛.,;:])"
)


class Renderer:
    """The templates of one application; `prefix` is the path of the base, `/` unless it lies below a folder."""

    def __init__(self, registry: Registry, prefix: str, asks: bool = True) -> None:
        self.registry, self.prefix, self.asks = registry, prefix, asks
        self._environment = Environment(
            loader=FileSystemLoader(FOLDER / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def page(self, lang: str, path: str, query: Query | None = None) -> Page:
        """A page for a reader of a language, at a path below the base."""
        return Page(self, lang, path, query or {})

    def draw(self, template: str, page: Page, **context: object) -> bytes:
        """The bytes of a page."""
        found = self._environment.get_template(template)
        return found.render(page=page, _=page.say_in_words, **context).encode()

    def static(self, name: str) -> str:
        """The address of a static file; it changes with its content, so that it may be kept for ever."""
        return self.prefix + versioned(name)


class Page:
    """What a template may ask for: words, labels, dates and addresses for one reader."""

    def __init__(self, renderer: Renderer, lang: str, path: str, query: Query) -> None:
        self._renderer, self.registry = renderer, renderer.registry
        self.lang, self.dir = lang, direction(lang)
        self.path, self.query = path, {name: value for name, value in query.items() if name != "lang"}
        self.data: tuple[Media, ...] = DATA
        self.links: tuple[Link, ...] = ()
        self.told = Markup("")

    @property
    def asks(self) -> bool:
        """Whether there is a query service to lead to."""
        return self._renderer.asks

    def say_in_words(self, sentence: str, **places: object) -> str:
        """A sentence of the catalogue with its places filled; markup in a place stays markup."""
        said = translation(self.lang).gettext(sentence)
        if not places:
            return said
        if any(isinstance(place, Markup) for place in places.values()):
            return Markup(fill(str(escape(said)), {name: str(escape(place)) for name, place in places.items()}))
        return fill(said, {name: str(place) for name, place in places.items()})

    def text(self, texts: Texts) -> Text:
        """The text for this reader."""
        return best(texts, self.lang)

    def say(self, said: Text | Texts) -> Markup:
        """A text as markup, with its language and direction where they are not the page's."""
        text = said if isinstance(said, Text) else self.text(said)
        if text.lang == self.lang:
            return escape(text.text)
        lang = "" if text.lang == "und" else text.lang
        return Markup('<span lang="{}" dir="{}">{}</span>').format(lang, text.dir, text.text)

    def isolated(self, said: Text | Texts | str) -> Markup:
        """A text as markup whose codes keep their direction: 2006-05 in an Arabic sentence would be turned round."""
        text = said if isinstance(said, Text) else Text(said, self.lang) if isinstance(said, str) else self.text(said)
        pieces = _CODE.split(text.text)
        whole = Markup("").join(
            Markup('<bdi dir="ltr">{}</bdi>').format(piece) if place % 2 else escape(piece)
            for place, piece in enumerate(pieces)
        )
        attributes = self.attributes(text)
        return Markup("<span{}>{}</span>").format(attributes, whole) if attributes else whole

    def titled(self, draft: Draft) -> Text:
        """How the record of a draft is called for this reader; its identifier where it has no title yet."""
        texts = titles_of(self.registry, self.registry.formats[draft.format], draft.record, draft.graph)
        return self.text(texts or {"und": draft.title or draft.identifier})

    def attributes(self, text: Text) -> Markup:
        """The `lang` and `dir` of an element that holds a text; nothing where they are the page's."""
        if text.lang == self.lang:
            return Markup("")
        return Markup(' lang="{}" dir="{}"').format("" if text.lang == "und" else text.lang, text.dir)

    def code(self, iri: NamedNode) -> str:
        """The last piece of an IRI: a concept's code, by which the stylesheet tells kinds apart."""
        return path_name(iri)

    def short(self, iri: NamedNode) -> str:
        """An IRI as it is written with the registry's prefixes."""
        for prefix, namespace in self.registry.house.prefixes.items():
            if iri.value.startswith(namespace):
                return f"{prefix}:{iri.value.removeprefix(namespace)}"
        return iri.value

    def concept(self, iri: object) -> Concept | None:
        """The concept with this IRI."""
        return self.registry.concepts.get(iri)

    def label(self, iri: NamedNode) -> Text:
        """The label of a concept or scheme; the end of its IRI when nobody knows it."""
        found = self.registry.concepts.get(iri) or self.registry.concepts.scheme(iri)
        return self.text(found.labels) if found and found.labels else Text(path_name(iri), "und")

    def vocabulary(self, iri: NamedNode) -> Text | None:
        """The name of the vocabulary that a concept belongs to."""
        found = self.registry.concepts.get(iri)
        return self.label(found.scheme) if found else None

    def date(self, stated: object) -> str:
        """A date as exact as it was stated."""
        if isinstance(stated, Literal):
            stated = stated.value
        return said_date(stated, self.lang) if isinstance(stated, (str, date, datetime)) else ""

    def moment(self, at: datetime) -> Markup:
        """A moment, which is in UTC: its day, and the time of day to the minute."""
        said = '<time datetime="{}">{} <bdi dir="ltr">{:%H:%M}</bdi></time>'
        return Markup(said).format(at.isoformat(), self.date(at), at)

    def number(self, number: float | int | str) -> str:
        """A number with this language's separators."""
        return said_number(number, self.lang)

    def size(self, count: str) -> str:
        """A number of bytes as people say it."""
        return said_size(count, self.lang)

    def language_name(self, tag: str) -> str:
        """The name of a language in the reader's own."""
        return language_name(tag, self.lang)

    def href(self, target: str | NamedNode, **query: object) -> str:
        """Where a link leads: a path below the base, or an address with a scheme a link may have, or nowhere."""
        address = target.value if isinstance(target, NamedNode) else target
        base = self.registry.settings.base
        asked = _asked(query)
        if address.startswith(base):
            path = address.removeprefix(base)
            path = "doc/" + path.removeprefix("id/") if path.startswith("id/") else path
            return self._renderer.prefix + path + asked
        if ":" in address.split("/")[0]:
            return address if address.lower().startswith(LINKED) else ""
        return self._renderer.prefix + quote(address.lstrip("/"), safe="/#.~") + asked

    def static(self, name: str) -> str:
        """The address of a static file."""
        return self._renderer.static(name)

    def absolute(self, path: str) -> str:
        """An address below the base, whole: never from the request's Host."""
        return self.registry.settings.base + path

    def again(self, **changes: object) -> str:
        """This page with some parameters changed; None takes one away, and a change goes back to page 1."""
        query: dict[str, object] = {**self.query, **changes}
        if "page" not in changes:
            for name in ("page", "upto"):
                query.pop(name, None)
        return self.href(self.path, **query)

    def within(self, path: str) -> bool:
        """Whether this page lies at a path or below it."""
        return self.path == path or self.path.startswith(path + "/")

    @property
    def whole(self) -> str:
        """The canonical address of this page."""
        return self.absolute(self.path + self.asked)

    @property
    def asked(self) -> str:
        """The parameters of this page, without its language."""
        return _asked(self.query)

    def offer(self, media: Iterable[Media], links: tuple[Link, ...]) -> None:
        """Say in which media this page is also data, and what its head links to."""
        self.data = tuple(one for one in media if one in DATA or one in TABLES)
        self.links = links

    @property
    def languages(self) -> list[tuple[str, str, str]]:
        """The six languages in the order of the United Nations: tag, own name, address of this page in it."""
        return [(lang, NAMES[lang], self.href(self.path, **self.query, lang=lang)) for lang in ORDER]

    @property
    def alternates(self) -> list[tuple[str, str]]:
        """Each language with the whole address of this page in it."""
        return [(lang, self.absolute(self.path + _asked({**self.query, "lang": lang}))) for lang in LANGUAGES]


def _asked(query: Mapping[str, object]) -> str:
    given = {name: value for name, value in query.items() if value not in (None, "", [])}
    return "?" + urlencode(given, doseq=True) if given else ""
