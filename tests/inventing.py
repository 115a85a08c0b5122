"""Records by the hundred thousand, made of the sample projects, for figures.

Each has texts in two of the six languages, of words that are as common as in real texts (Zipf), 20,000 a language;
elements, countries and dates are drawn anew.
"""

import random
from collections.abc import Iterator

from registry.language import LANGUAGES
from registry.registry import Registry
from registry.shape import path_name
from registry.terms import Literal, NamedNode, Triple

WORDS = 20_000
FIRST = 500_000

SYLLABLES = {
    "en": "ba con de per tri mon sta lo ver gen ri ples tan mar cul fo res dia sub ten",
    "fr": "ba con dé per tri mon sta lo ver gen ri pla tan mar cul fo rés dia sou teau",
    "es": "ba con de per tri mon sta lo ver gen ri pla tan mar cul fo res día su teñ",
    "ru": "ба кон де пер три мон ста ло вер ген ри пла тан мар куль фо рес диа суб тён",
    "ar": "با كن دي بر تر مون ستا لو فر جن ري بل تان مار كل فو رس ديا سب تن",
}
ENDINGS = {
    "en": ["", "s", "ing", "ed", "ation", "ations", "ment", "al"],
    "fr": ["", "s", "er", "ée", "ation", "ations", "ement", "aux"],
    "es": ["", "s", "ar", "ado", "ación", "aciones", "miento", "ales"],
    "ru": ["", "ы", "ов", "ами", "ение", "ения", "ный", "ного"],
    "ar": ["", "ات", "ة", "ين", "ية", "ون", "ها", "هم"],
}
HAN = [chr(sign) for sign in range(0x4E00, 0x4E00 + 2_000)]


def words(lang: str) -> list[str]:
    """The words of a made-up language, the commonest first."""
    chance, found = random.Random(lang), dict[str, None]()
    while len(found) < WORDS:
        if lang == "zh":
            found["".join(chance.choices(HAN, k=2))] = None
            continue
        stem = "".join(chance.choices(SYLLABLES[lang].split(), k=chance.randint(2, 4)))
        article = "ال" if lang == "ar" and chance.random() < 0.3 else ""
        found |= dict.fromkeys(f"{article}{stem}{end}" for end in chance.sample(ENDINGS[lang], 3))
    return list(found)[:WORDS]


class Texts:
    """Texts in six languages, of words as common as in real ones."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self.words = {lang: words(lang) for lang in LANGUAGES}
        total, self._weights = 0.0, []
        for place in range(WORDS):
            total += 1 / (place + 2.7)
            self._weights.append(total)

    def of(self, lang: str, length: int) -> str:
        """So many words."""
        drawn = self._chance.choices(self.words[lang], cum_weights=self._weights, k=length)
        return ("" if lang == "zh" else " ").join(drawn)


def records(registry: Registry, count: int) -> Iterator[tuple[NamedNode, list[Triple]]]:
    """Published projects, each with graph, texts, element, country and dates of its own."""
    chance = random.Random(count)
    texts, own = Texts(chance), registry.own
    query = registry.queries["records/list"].bind(kind=registry.formats["project"].target)
    rows = list(registry.graphs.select(query))  # not by the registry, which would keep the answer
    models = [(r, list(registry.graphs.graph(r))) for row in rows if isinstance(r := row["record"], NamedNode)]
    for number in range(count):
        model, said = models[number % len(models)]
        record, doc = own.record(f"BCH-CDI-SCBD-{FIRST + number}"), own.doc(f"BCH-CDI-SCBD-{FIRST + number}")
        tongues = chance.sample(LANGUAGES, 2)
        named = {model.value: record.value, own.doc(path_name(model)).value: doc.value}
        made = dict.fromkeys(_changed(registry, t, named, chance) for t in said if not _text(t))
        for lang in tongues:
            for path, length in (("title", 8), ("description", 110)):
                said_so = Literal(texts.of(lang, length), language=lang)
                made[Triple(record, NamedNode(f"http://purl.org/dc/terms/{path}"), said_so)] = None
        yield record, list(made)


def _text(triple: Triple) -> bool:
    return isinstance(triple.object, Literal) and bool(triple.object.language)


def _changed(registry: Registry, triple: Triple, named: dict[str, str], chance: random.Random) -> Triple:
    """The same said of another record: another concept of the same vocabulary, another day of the same month."""
    subject, value = _renamed(triple.subject, named), triple.object
    concept = registry.concepts.get(value) if isinstance(value, NamedNode) else None
    if concept and path_name(triple.predicate) in ("element", "spatial", "activityType", "audience"):
        scheme = registry.concepts.scheme(concept.scheme)
        value = chance.choice(scheme.concepts) if scheme else value
    elif isinstance(value, NamedNode):
        value = _renamed(value, named)
    elif isinstance(value, Literal) and path_name(value.datatype) == "date":
        year, month = int(value.value[:4]) - chance.randint(0, 9), value.value[5:7]
        value = Literal(f"{year}-{month}-{chance.randint(1, 28):02}", datatype=value.datatype)
    elif path_name(triple.predicate) == "identifier" and value.value.startswith("BCH-"):
        value = Literal(path_name(NamedNode(next(iter(named.values())))))
    return Triple(subject, triple.predicate, value)


def _renamed(iri: NamedNode, named: dict[str, str]) -> NamedNode:
    whole, hash, fragment = iri.value.partition("#")
    return NamedNode(named[whole] + hash + fragment) if whole in named else iri
