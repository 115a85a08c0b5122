"""The datasets and services of the catalogue, each by itself: a register, a vocabulary, everything at once.

A file that holds all of a dataset has `dcat:downloadURL`; a form that comes in pages has none.
Sources: https://semiceu.github.io/DCAT-AP/releases/3.0.0/; the authority lists of
https://op.europa.eu/en/web/eu-vocabularies.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from registry.concepts import Scheme
from registry.dumps import ALL, Dump
from registry.formats import Format
from registry.registry import Registry
from registry.standing import LICENCE, moment
from registry.terms import DCAT, DCTERMS, FOAF, RDF, Literal, NamedNode
from web.distributions import IANA, distribution
from web.negotiate import DATA, JSON, LISTS, RESULTS, TABLES, Media
from web.services import Service
from web.whole import Said, authority, common, dataset, named, sentence, texts

# What the European Union's list of file types calls our forms.
FILES = {
    "ttl": "RDF_TURTLE",
    "jsonld": "JSON_LD",
    "nt": "RDF_N_TRIPLES",
    "rdf": "RDF_XML",
    "trig": "RDF_TRIG",
    "nq": "RDF_N_QUADS",
    "csv": "CSV",
    "xlsx": "XLSX",
    "json": "JSON",
    "atom": "ATOM",
}
OFTEN = "CONT"  # frequency: whenever somebody publishes


def everything(registry: Registry, dump: Dump | None, changed: datetime) -> Iterator[Said]:
    """The dataset of everything public, with the files of the newest dump."""
    here = dataset(registry.own)
    yield from named(here, registry)
    yield from common(here, registry)
    yield from listed(registry, here, "void", changed)
    yield from _dumped(registry, dump, ALL, here)


def of_register(registry: Registry, format: Format, dump: Dump | None, changed: datetime) -> Iterator[Said]:
    """A register: the forms of its pages and tables, and its files of the newest dump."""
    here = registry.own.iri(f"register/{format.register}")
    yield from listed(registry, here, f"register-{format.register}", changed)
    for media in RESULTS:
        if media.suffix in FILES:
            yield from _form(here, media, whole=media in TABLES)
    yield from _dumped(registry, dump, format.register, here)


def of_scheme(registry: Registry, scheme: Scheme, changed: datetime) -> Iterator[Said]:
    """A vocabulary, all of which each of its forms holds."""
    here = scheme.iri
    yield from texts(here, DCTERMS.title, scheme.labels)
    yield from texts(here, DCTERMS.description, scheme.descriptions or scheme.labels)
    yield from common(here, registry)
    yield from listed(registry, here, f"vocabulary-{scheme.key}", changed)
    for media in LISTS:
        if media in (*DATA, *TABLES, JSON):
            yield from _form(here, media, whole=True)


def listed(registry: Registry, here: NamedNode, name: str, changed: datetime) -> Iterator[Said]:
    """That a dataset is in the catalogue, and since when its entry reads as it does."""
    catalog, record = NamedNode(registry.own.base), registry.own.iri(f"catalog#{name}")
    yield catalog, DCAT.dataset, here
    yield catalog, DCAT.record, record
    yield here, RDF.type, DCAT.Dataset
    yield here, DCTERMS.accrualPeriodicity, authority("frequency", OFTEN)[0]
    yield here, DCTERMS.modified, moment(changed)
    yield record, RDF.type, DCAT.CatalogRecord
    yield record, FOAF.primaryTopic, here
    yield record, DCTERMS.modified, moment(changed)


def of_service(registry: Registry, service: Service) -> Iterator[Said]:
    """A service for programs."""
    own, here = registry.own, registry.own.iri(service.path)
    yield NamedNode(own.base), DCAT.service, here
    yield here, RDF.type, DCAT.DataService
    yield from texts(here, DCTERMS.title, sentence(service.title))
    yield here, DCAT.endpointURL, here
    yield here, DCAT.servesDataset, dataset(own)
    yield here, DCTERMS.license, LICENCE
    yield here, DCTERMS.publisher, own.iri("catalog#publisher")
    yield here, DCAT.contactPoint, own.iri("catalog#contact")
    if service.keeps_to:
        yield here, DCTERMS.conformsTo, NamedNode(service.keeps_to)
    for rel, path, _ in service.about:
        yield here, DCAT.landingPage if rel == "service-doc" else DCAT.endpointDescription, own.iri(path)


def _form(here: NamedNode, media: Media, *, whole: bool) -> Iterator[Said]:
    """One of the forms in which an address gives a dataset."""
    iri = NamedNode(f"{here.value}.{media.suffix}")
    yield here, DCAT.distribution, iri
    yield iri, RDF.type, DCAT.Distribution
    yield iri, DCTERMS.title, Literal(media.name)
    yield iri, DCTERMS.license, LICENCE
    yield iri, DCAT.accessURL, here
    if whole:
        yield iri, DCAT.downloadURL, iri
    yield iri, DCAT.mediaType, NamedNode(IANA + media.type)
    yield iri, DCTERMS.format, authority("file-type", FILES[media.suffix])[0]


def _dumped(registry: Registry, dump: Dump | None, register: str, here: NamedNode) -> Iterator[Said]:
    """The files of a dump that hold a register, or all."""
    if dump is None:
        return
    for file in dump.files:
        if file.register == register:
            yield here, DCAT.distribution, registry.own.iri(f"dump/{dump.name}/{file.name}")
            yield from ((one.subject, one.predicate, one.object) for one in distribution(registry, dump, file))  # type: ignore[misc]
