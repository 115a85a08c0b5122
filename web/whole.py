"""What is said of the registry as a whole, wherever its data are described: its name, who publishes it, its licence.

The dataset of everything public is `/void#dataset`; its parts are the registers and the vocabularies.
Sources: https://www.w3.org/TR/void/; https://semiceu.github.io/DCAT-AP/releases/3.0.0/.
"""

from __future__ import annotations

from registry.language import LANGUAGES, Texts, translation
from registry.registry import Registry
from registry.standing import LICENCE, moment
from registry.terms import DCAT, DCTERMS, FOAF, RDF, XSD, Literal, NamedNode, Namespace, Own, Term
from web.words import marked as _

VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
AUTHORITY = "http://publications.europa.eu/resource/authority/"

NAME = _("Biosafety Capacity Registry")
ABOUT = _(
    "Projects, opportunities, needs, courses, resources, organizations and meetings of capacity-building under the "
    "Cartagena Protocol on Biosafety, with the vocabularies that describe them, in six languages."
)
PUBLISHER = _("Biosafety Clearing-House")

# The names by which the authorities of the European Union call our languages.
TONGUES = {"en": "ENG", "fr": "FRA", "es": "SPA", "ru": "RUS", "zh": "ZHO", "ar": "ARA"}
THEMES = ("ENVI", "TECH")
PLACES = ("AFRICA", "AMERICA", "ASIA", "EUROPE", "OCEANIA")

Said = tuple[NamedNode, NamedNode, Term]


def dataset(own: Own) -> NamedNode:
    """The dataset of everything public."""
    return own.iri("void#dataset")


def texts(subject: NamedNode, predicate: NamedNode, said: Texts) -> list[Said]:
    """Texts as values of a property."""
    return [(subject, predicate, Literal(text, language=lang)) for lang, text in said.items()]


def sentence(words: str) -> Texts:
    """A sentence of the interface in the six languages."""
    return {lang: translation(lang).gettext(words) for lang in LANGUAGES}


def authority(kind: str, *names: str) -> list[NamedNode]:
    """Terms of an authority list of the European Union."""
    return [NamedNode(f"{AUTHORITY}{kind}/{name}") for name in names]


def common(subject: NamedNode, registry: Registry) -> list[Said]:
    """What holds for the registry and for each of its parts: who publishes it, whom to ask, languages, licence."""
    own = registry.own
    return [
        (subject, DCTERMS.publisher, own.iri("catalog#publisher")),
        (subject, DCTERMS.license, LICENCE),
        *((subject, DCTERMS.language, one) for one in authority("language", *TONGUES.values())),
        *((subject, DCTERMS.spatial, one) for one in authority("continent", *PLACES)),
        *((subject, DCAT.theme, one) for one in authority("data-theme", *THEMES)),
        (subject, DCAT.contactPoint, own.iri("catalog#contact")),
    ]


def people(registry: Registry) -> list[Said]:
    """Who publishes the data, and where questions go."""
    own = registry.own
    publisher, contact = own.iri("catalog#publisher"), own.iri("catalog#contact")
    return [
        (publisher, RDF.type, FOAF.Agent),
        *texts(publisher, FOAF.name, sentence(PUBLISHER)),
        (contact, RDF.type, VCARD.Kind),
        *texts(contact, VCARD.fn, sentence(NAME)),
        (contact, VCARD.hasEmail, NamedNode(f"mailto:{registry.settings.letters_from}")),
    ]


def named(subject: NamedNode, registry: Registry) -> list[Said]:
    """The name of the whole, what it is about, and when it changed last."""
    return [
        *texts(subject, DCTERMS.title, sentence(NAME)),
        *texts(subject, DCTERMS.description, sentence(ABOUT)),
        (subject, DCTERMS.modified, moment(registry.changed)),
    ]


def temporal(registry: Registry, subject: NamedNode, year: int | None) -> list[Said]:
    """Since which year there are records; without an end, for there will be more."""
    if year is None:
        return []
    period = registry.own.iri(f"catalog#since-{year}")
    return [
        (subject, DCTERMS.temporal, period),
        (period, RDF.type, DCTERMS.PeriodOfTime),
        (period, DCAT.startDate, Literal(str(year), datatype=XSD.gYear)),
    ]
