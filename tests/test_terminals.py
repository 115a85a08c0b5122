"""What the terminals of a query tell before any engine reads it."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry import terminals
from registry.errors import BadParameter, RegistryError, TooLarge, Unreadable
from registry.terminals import DEEPEST, LONGEST, OPERATORS, PATTERNS

TAKEN = [
    "SELECT * { ?s ?p ?o }",
    "# SERVICE <x:y> {\nASK {}",
    'SELECT ("SERVICE {" AS ?x) {}',
    "SELECT ('''it's a SERVICE <x:y> {''' AS ?x) {}",
    'SELECT ("" AS ?a) ("""a "" \\""" b""" AS ?b) {}',
    "ASK { <http://x.example/SERVICE> ?service $service }",
    "PREFIX service: <x:> ASK { GRAPH service:g { ?s service:p ?o } }",
    "PREFIX x: <x:> ASK { ?s x:service ?o . ?s x:from x:load }",
    'ASK { ?s ?p "insert"@en , "x"^^<x:delete> }',
    "SELECT * { VALUES ?x { " + "<x:y> " * 2_000 + "} }",
    "SELECT * { FILTER(?x IN (" + ", ".join("1" * 400) + ")) }",
    "ASK { ?s <x:p>/<x:q>|^<x:r> ?o . ?s ?p 5 . FILTER(?o < 3 && ?o>2) }",
    "ASK { ?s ?p ?o " + "{" * (DEEPEST - 1) + "}" * (DEEPEST - 1) + "}",
]
REFUSED = [
    ("SELECT * { SERVICE <x:y> {} }", BadParameter),
    ("SELECT * { service?x {} }", BadParameter),
    ("SELECT * { SERVICESILENT<x:y>{} }", BadParameter),
    ("SELECT * { SERVICEx:y {} }", BadParameter),
    ("SELECT * { SERVICE:y#\n{} }", BadParameter),
    ("SELECT * { ?s ?p 5SERVICE <x:y> {} }", BadParameter),
    ("SELECT * { ?s ?p true.SERVICE:y {} }", BadParameter),
    ("SELECT * { \\u0053ERVICE <x:y> {} }", Unreadable),
    ("SELECT ('it's' AS ?x) { SERVICE <x:y> {} }", Unreadable),
    ('SELECT ("a\nb" AS ?x) {}', Unreadable),
    ("ASK { ?s ?p '''x'' }", Unreadable),
    ("BASE <x:> PREFIX a: <b> # x\nINSERT DATA {}", BadParameter),
    ("insertdata {}", BadParameter),
    ("PREFIX a: <b> SELEC ?s { ?s ?p ?o }", Unreadable),
    ("FROM <x:y> SELECT * {}", Unreadable),
    ("WITH <x:y> DELETE {} WHERE {}", BadParameter),
    ("LOAD <x:y>", BadParameter),
    ("ASK " + "{" * 101 + "}" * 101, BadParameter),
    ("ASK { FILTER(" + "!" * 200 + "true) }", BadParameter),
    ("ASK { FILTER(" + "- " * 200 + "1) }", BadParameter),
    ("ASK { " + "?s ?p ?o . " * (PATTERNS + 1) + "}", BadParameter),
    ("ASK { " + "?s ?p true." * (PATTERNS + 1) + "}", BadParameter),
    ("ASK { " + "?s a <x:y>;" * (PATTERNS + 1) + "}", BadParameter),
    ("ASK { " + "_:a <x:y> _:b." * (PATTERNS + 1) + "}", BadParameter),
    ("ASK { " + "OPTIONAL {} " * (PATTERNS + 1) + "}", BadParameter),
    ("ASK { ?s <x:p>" + "/<x:p>" * (OPERATORS + 1) + " ?o }", BadParameter),
    ("#" * (LONGEST + 1), TooLarge),
]


@pytest.mark.parametrize("query", TAKEN)
def test_taken(query: str) -> None:
    terminals.read(query)


@pytest.mark.parametrize(("query", "error"), REFUSED)
def test_refused(query: str, error: type[RegistryError]) -> None:
    with pytest.raises(error):
        terminals.read(query)


@pytest.mark.parametrize(
    ("query", "own"),
    [
        ("SELECT * { ?s ?p ?o }", False),
        ("SELECT * FROM <x:y> { ?s ?p ?o }", True),
        ("SELECT * FROM<x:y>{ ?s ?p ?o }", True),
        ("SELECT ?x FROM NAMED <x:y> { ?s ?p ?o }", True),
        ("SELECT ?x FROM:y { ?s ?p ?o }", True),
        ("PREFIX from: <x:> SELECT (from:f(?x) AS ?y) { ?s from:p ?o }", False),
        ('SELECT ("FROM" AS ?from) { # FROM\n }', False),
    ],
)
def test_whether_it_names_its_graphs(query: str, own: bool) -> None:
    assert terminals.read(query).own is own


@pytest.mark.parametrize(
    ("query", "varies"),
    [
        ("SELECT (NOW() AS ?x) {}", True),
        ("ASK { BIND(struuid() AS ?x) }", True),
        ("ASK { ?now ?uuid <x:rand> }", False),
        ("ASK { FILTER(?start<NOW()&&?end>?start) }", True),
        ("ASK { FILTER(0.5<RAND()&&1>0) }", True),
        ("ASK { ?s ?p <https://x.example/now> }", False),
    ],
)
def test_whether_it_varies(query: str, varies: bool) -> None:
    assert terminals.read(query).varies is varies


@pytest.mark.parametrize(
    "piece", ["a.", '"\\"', '"', "'", "<", "@a-", ":a.", "_:", "1e", '"\n', "'\"", '"" ', "a:%", "\\u"]
)
def test_each_character_is_looked_at_a_bounded_number_of_times(piece: str) -> None:
    """A text that makes a reader go back and back would take minutes here."""
    with suppress(RegistryError):
        terminals.read((piece * LONGEST)[:LONGEST])


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    with suppress(RegistryError):
        terminals.read(text)


def test_where_the_engine_stops() -> None:
    found = terminals.unread("error at 3:14: expected one of OPTIONAL, Prefix not found, ['a'..='z'\n| '_']")
    assert (found.where, found.places["said"]) == ("query:3:14", "Prefix not found")
    assert (
        terminals.unread("error at 1:6: expected one of \"{\", ['a'], GRAPH").places["said"]
        == 'expected one of "{", GRAPH'
    )
    assert terminals.unread("something else").where == "query"
