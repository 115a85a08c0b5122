"""The dumps as data: each file a distribution, with its size, its checksum and the last event it shows.

Sources: https://www.w3.org/TR/vocab-dcat-3/; https://spdx.org/rdf/terms/.
"""

from __future__ import annotations

from collections.abc import Iterable

from registry.dumps import ALL, TYPES, Dump, File
from registry.registry import Registry
from registry.standing import LICENCE, moment
from registry.terms import DCAT, DCTERMS, RDF, VOID, XSD, Graph, Literal, NamedNode, Namespace, Term, Triple
from web import whole

SPDX = Namespace("http://spdx.org/rdf/terms#")
IANA = "https://www.iana.org/assignments/media-types/"


def graph(registry: Registry, dumps: Iterable[Dump]) -> Graph:
    """The dataset of the whole registry, with every file that there is."""
    own, here = registry.own, whole.dataset(registry.own)
    said = [(here, RDF.type, DCAT.Dataset), (here, DCTERMS.license, LICENCE), *whole.named(here, registry)]
    triples = [Triple(*one) for one in said]
    for dump in dumps:
        for file in dump.files:
            triples.append(Triple(here, DCAT.distribution, own.iri(f"dump/{dump.name}/{file.name}")))
            triples += distribution(registry, dump, file)
    return Graph(triples)


def distribution(registry: Registry, dump: Dump, file: File) -> list[Triple]:
    """One file, as a distribution of what it holds."""
    own = registry.own
    iri, format = own.iri(f"dump/{dump.name}/{file.name}"), registry.formats.by_register(file.register)
    checksum = NamedNode(f"{iri.value}#checksum")
    said: list[tuple[NamedNode, Term]] = [
        (RDF.type, DCAT.Distribution),
        (DCTERMS.title, Literal(file.name)),
        (DCTERMS.issued, moment(dump.written)),
        (DCTERMS.modified, moment(dump.entered)),
        (DCTERMS.license, LICENCE),
        (DCAT.accessURL, own.iri("dump")),
        (DCAT.downloadURL, iri),
        (DCAT.mediaType, NamedNode(IANA + TYPES[file.kind])),
        (DCAT.compressFormat, NamedNode(f"{IANA}application/gzip")),
        (DCAT.byteSize, Literal(str(file.size), datatype=XSD.nonNegativeInteger)),
        (own.reg.sequence, Literal(dump.sequence)),
        (VOID.triples, Literal(file.statements)),
        (SPDX.checksum, checksum),
    ]
    said += [(DCTERMS.subject, own.iri(f"register/{format.register}"))] if format and file.register != ALL else []
    return [
        *(Triple(iri, predicate, value) for predicate, value in said),
        Triple(checksum, RDF.type, SPDX.Checksum),
        Triple(checksum, SPDX.algorithm, SPDX.checksumAlgorithm_sha256),
        Triple(checksum, SPDX.checksumValue, Literal(file.sha256, datatype=XSD.hexBinary)),
    ]
