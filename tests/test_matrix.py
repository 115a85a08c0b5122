"""Every cell of the matrix: each route and method, asked by nobody and by each role; a route without a row fails."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deskwork import opened
from tests.matrix import ROLES, Prepared, stated

pytestmark = pytest.mark.xdist_group("matrix")


@pytest.fixture(scope="module")
def prepared(office_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prepared]:
    with opened(office_folder, tmp_path_factory.mktemp("matrix")) as registry:
        yield Prepared(registry)


def test_every_route_has_its_rows(prepared: Prepared) -> None:
    asked = [(route, method, case.name) for route, method, case in prepared.routes()]
    told = [(row.route, row.method, row.case) for row in stated()]
    assert len(told) == len(set(told))
    assert set(told) == set(asked), "python -m tests.matrix prints the rows that are missing"


def test_every_cell(prepared: Prepared) -> None:
    cases = {(route, method, case.name): case for route, method, case in prepared.routes()}
    wrong = []
    for row in stated():
        for role in ROLES:
            got = prepared.ask(row.route, row.method, cases[row.route, row.method, row.case], role)
            if got != row.cells[role]:
                wrong.append(f"{row.method} {row.route} ({row.case}) by {role}: {got} instead of {row.cells[role]}")
    assert not wrong, "\n".join(wrong)


def test_no_cell_is_a_fault_of_ours() -> None:
    assert not [row for row in stated() if any(status >= 500 for status in row.cells.values())]


def test_nobody_changes_anything(prepared: Prepared) -> None:
    """Without an account only the doors of accounts themselves take a form."""
    open_to_all = {
        "/sign-in",
        "/sign-out",
        "/sign-up",
        "/reset",
        "/confirm/{secret}",
        "/invitation/{secret}",
        "/reset/{secret}",
        "/sparql",
        "/oai",  # which reads forms and changes nothing
    }
    for row in stated():
        if row.method != "GET" and row.route not in open_to_all:
            assert row.cells["nobody"] == 401, row
