"""The layer of quality: shapes that advise, on top of what a format asks. `shapes/quality.ttl`, for every format.

A property shape of the layer applies to each format that has a field of its path. As DCAT-AP keeps them, what must be,
what should be and what might be are files of their own.
"""

from __future__ import annotations

from collections.abc import Iterator

from registry.formats import Format, Formats, reachable
from registry.terms import RDFS, SH, Graph, NamedNode, Own, Triple


def layer(format: Format, shapes: Graph, own: Own) -> Graph:
    """The shapes graph of a format with those of the layer among its own."""
    chosen = [shape for shape in _shapes(shapes, own) if _applies(shape, format, shapes)]
    taken = {triple for shape in chosen for triple in reachable(shapes, shape)}
    return format.shapes | Graph([*taken, *(Triple(format.iri, SH.property, shape) for shape in chosen)])


def drawn(formats: Formats, own: Own) -> Graph:
    """The targets of the layer as it is published, and a link to it from the formats."""
    shapes = formats.shapes
    return Graph(
        triple
        for format in formats.values()
        for shape in _shapes(shapes, own)
        if _applies(shape, format, shapes)
        for triple in (Triple(shape, SH.targetClass, format.target), Triple(format.iri, RDFS.seeAlso, shape))
    )


def _shapes(shapes: Graph, own: Own) -> Iterator[NamedNode]:
    return iter(shapes.iris(own.iri("format/quality"), RDFS.seeAlso))


def _applies(shape: NamedNode, format: Format, shapes: Graph) -> bool:
    compared = {*shapes.iris(shape, SH.path), *shapes.iris(shape, SH.disjoint)}
    return all(format.field(path) for path in compared)
