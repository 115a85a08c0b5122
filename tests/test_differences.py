"""Differences are whole: applied to one graph they give the other, and the fields tell of every triple they have."""

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.differences import ADDED, CHANGED, REMOVED, SAME, differences, pieces, told
from registry.formats import Format
from registry.rooms import House
from registry.shape import Field, all_fields
from registry.terms import RDF, XSD, Graph, Literal, NamedNode, Term, Triple
from tests.conftest import ROOT, settings_in

HOUSE = House(settings_in(ROOT / "none"))
RECORD = HOUSE.own.record("BCH-CDI-SCBD-1")
PROJECT = HOUSE.formats["project"]
WORDS = st.text(st.sampled_from("ab .,\n生物的。كتب؟é"), max_size=40)


def part(number: int) -> NamedNode:
    return NamedNode(f"{RECORD.value}#part-{number}")


@st.composite
def graphs(draw: st.DrawFn, format: Format) -> Graph:
    """A record with random values in its fields, well-formed or not, and with statements no field has."""
    triples = [Triple(RECORD, RDF.type, format.target)]
    numbers = st.integers(0, 2)
    for field in draw(st.lists(st.sampled_from(format.fields), max_size=8)):
        if field.part is None:
            triples.append(Triple(RECORD, field.path, draw(values())))
            continue
        inner = part(draw(numbers))
        triples.append(Triple(RECORD, field.path, inner))
        for below in draw(st.lists(st.sampled_from(field.part.fields), max_size=3)):
            triples.append(Triple(inner, below.path, draw(values())))
    if draw(st.booleans()):
        triples.append(Triple(RECORD, RDF.value, draw(values())))
    return Graph(triples)


def values() -> st.SearchStrategy[Term]:
    texts = st.builds(lambda text, lang: Literal(text, language=lang), WORDS, st.sampled_from(["en", "zh", "ar"]))
    numbers = st.integers(0, 9).map(lambda n: Literal(str(n), datatype=XSD.decimal))
    return texts | numbers | st.integers(0, 3).map(lambda n: NamedNode(f"http://localhost:8000/id/X-{n}"))


def known(graph: Graph, format: Format) -> set[Triple]:
    """The triples that the fields of a format reach."""
    found: set[Triple] = set()
    for field in format.fields:
        for value in graph.objects(RECORD, field.path):
            found.add(Triple(RECORD, field.path, value))
            if field.part and isinstance(value, NamedNode):
                paths = {below.path for below in field.part.fields}
                found |= {t for t in graph.about([value]) if t.predicate in paths}
    return found


@settings(deadline=None, max_examples=150)
@given(st.data(), st.sampled_from(sorted(HOUSE.formats)))
def test_applied_to_one_graph_they_give_the_other(data: st.DataObject, key: str) -> None:
    format = HOUSE.formats[key]
    before, after = data.draw(graphs(format)), data.draw(graphs(format))
    found = differences(RECORD, before, after, format.fields)
    assert found.apply(before) == after
    assert bool(found) == (before != after)
    back = differences(RECORD, after, before, format.fields)
    assert back.apply(after) == before
    assert (back.removed, back.added) == (found.added, found.removed)


@settings(deadline=None, max_examples=150)
@given(st.data(), st.sampled_from(sorted(HOUSE.formats)))
def test_the_fields_tell_of_every_triple_they_reach(data: st.DataObject, key: str) -> None:
    format = HOUSE.formats[key]
    before, after = data.draw(graphs(format)), data.draw(graphs(format))
    removed, added = told(differences(RECORD, before, after, format.fields).changes)
    old, new = known(before, format), known(after, format)
    assert removed.triples >= old - new - after.triples
    assert added.triples >= new - old - before.triples
    assert removed.triples <= before.triples - after.triples
    assert added.triples <= after.triples - before.triples


@given(WORDS, WORDS, st.sampled_from(["en", "zh", "ar"]))
def test_the_pieces_of_a_text_hold_both_texts(before: str, after: str, lang: str) -> None:
    found = pieces(before, after, lang)
    assert "".join(piece.text for piece in found if piece.how != ADDED) == before
    assert "".join(piece.text for piece in found if piece.how != REMOVED) == after
    assert all(piece.text for piece in found)
    assert all(one.how != two.how for one, two in pairwise(found))


@pytest.mark.parametrize(
    ("lang", "before", "after", "said"),
    [
        (
            "en",
            "Training in two countries.",
            "Training in three countries.",
            "Training in [-two -]{+three +}countries.",
        ),
        ("en", "One. Two.", "One. Three. Two.", "One. {+Three. +}Two."),
        ("zh", "改性生物体的检测", "改性活生物体的检测", "改性{+活+}生物体的检测"),
        ("ar", "تدريب في بلدين", "تدريب في بلدان", "تدريب في [-بلدين-]{+بلدان+}"),
        ("en", "Quite another text", "Nothing of it stays", "[-Quite another text-]{+Nothing of it stays+}"),
    ],
)
def test_words_are_marked(lang: str, before: str, after: str, said: str) -> None:
    marks = {SAME: "{}", REMOVED: "[-{}-]", ADDED: "{{+{}+}}"}
    assert "".join(marks[piece.how].format(piece.text) for piece in pieces(before, after, lang)) == said


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_long_texts_are_compared_in_time(lang: str) -> None:
    """Texts at the limit, and texts made to be slow."""
    start = time.perf_counter()
    for before, after in [
        ("a b " * 2500, "b a " * 2500),
        ("的" * 10_000, "的生" * 5_000),
        ("a.\n" * 3300, "a!\n" * 3300),
        (" ".join(f"w{n % 97}" for n in range(3000)), " ".join(f"w{n % 89}" for n in range(3000))),
    ]:
        found = pieces(before, after, lang)
        assert "".join(piece.text for piece in found if piece.how != REMOVED) == after
    assert time.perf_counter() - start < 8


def field(key: str) -> Field:
    return next(found for found in all_fields(PROJECT.fields) if found.key == key)


def test_values_texts_and_parts() -> None:
    title, budget, contact = field("title"), field("budget"), field("contact")
    assert contact.part
    email = contact.part.fields[0]
    en, fr = Literal("One", language="en"), Literal("Un", language="fr")
    forty, fifty = (Literal(text, datatype=XSD.decimal) for text in ("40000", "50000"))
    before = Graph(
        [
            Triple(RECORD, title.path, en),
            Triple(RECORD, budget.path, forty),
            Triple(RECORD, contact.path, part(1)),
            Triple(part(1), email.path, en),
        ]
    )
    after = Graph(
        [
            Triple(RECORD, title.path, en),
            Triple(RECORD, title.path, fr),
            Triple(RECORD, budget.path, fifty),
            Triple(RECORD, contact.path, part(1)),
            Triple(RECORD, contact.path, part(2)),
            Triple(part(1), email.path, fr),
            Triple(part(2), email.path, fr),
        ]
    )
    found = {change.field.key: change for change in differences(RECORD, before, after, PROJECT.fields).changes}
    assert set(found) == {"title", "budget", "contact"}
    assert [(text.language, text.how) for text in found["title"].texts] == [("fr", ADDED)]
    assert found["budget"].replaced
    assert (found["budget"].removed, found["budget"].added) == ((forty,), (fifty,))
    assert [(one.part, one.how) for one in found["contact"].parts] == [(part(1), CHANGED), (part(2), ADDED)]
