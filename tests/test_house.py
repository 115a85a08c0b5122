"""The house judged by itself: its rooms, the direction of its imports, its sizes, and what may not stand in Python."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LEVELS = [
    ["house", "terms", "errors", "settings", "language", "memory"],
    ["shape", "formats", "concepts", "queries", "filetypes", "analysis", "terminals", "worker"],
    ["findings", "chain", "ledger", "database", "lease", "migrations", "graphs", "quality", "tables", "wording"],
    ["records", "standing", "feed", "views", "shacl", "differences", "rules", "constraints", "neighbours"],
    [
        "people",
        "passwords",
        "tickets",
        "sessions",
        "tokens",
        "throttle",
        "audit",
        "outbox",
        "saved",
        "letters",
        "post",
        "repeats",
        "budget",
    ],
    ["checks", "curation", "vetting", "exchange", "moves", "drafts", "receipts", "attachments"],
    [
        "rooms",
        "registry",
        "candidates",
        "load",
        "status",
        "inspection",
        "retirement",
        "night",
        "backup",
        "census",
        "dumps",
        "packing",
        "release",
        "snapshot",
        "process",
        "pool",
        "service",
        "named",
    ],
    [
        "brief",
        "documents",
        "wanted",
        "lexicon",
        "clauses",
        "index",
        "indexed",
        "unindexed",
        "follower",
        "facets",
        "search",
    ],
    ["submission", "notices", "desk", "footing", "rivals", "decisions", "upkeep", "arrivals", "aims", "deposits"],
    ["cli", "keeping", "offices", "sending", "demonstration", "bar"],
]
LEVEL = {room: number for number, rooms in enumerate(LEVELS) for room in rooms}
MIGRATIONS = {path.relative_to(ROOT).as_posix() for path in ROOT.glob("registry/migrations/versions/*.py")}
ONE_IMPORTER = {
    "pyshacl": {"registry/shacl.py"},
    "rdflib": {"registry/shacl.py"},
    "sqlalchemy": {
        *(f"registry/{room}.py" for room in ("database", "tables", "chain", "ledger", "lease")),
        *(f"registry/{room}.py" for room in ("people", "tickets", "sessions", "tokens", "throttle", "audit")),
        *(f"registry/{room}.py" for room in ("drafts", "receipts", "outbox", "saved", "repeats", "attachments")),
        *MIGRATIONS,
    },
    "argon2": {"registry/passwords.py"},
    "alembic": {"registry/database.py", "registry/migrations/env.py", *MIGRATIONS},
    "smtplib": {"registry/post.py"},
    "tantivy": {"registry/index.py"},
    "openpyxl": {"web/spreadsheet.py"},
    "Stemmer": {"registry/analysis.py"},
    "tqdm": {"registry/bar.py"},
}
WORDY = re.compile(
    r"\b(SELECT|CONSTRUCT|ASK|DESCRIBE)\b[^\"']*\b(WHERE|FROM)\b|\bWHERE\s*\{|\bFILTER\s*\(|\bPREFIX \w+:"
)


def modules() -> Iterator[Path]:
    for package in ("registry", "web"):
        yield from sorted((ROOT / package).rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def room(module: str) -> str:
    return module.split(".")[1] if "." in module else module


ALL = [pytest.param(path, id=path.relative_to(ROOT).as_posix()) for path in modules()]


@pytest.mark.parametrize("path", ALL)
def test_imports_go_one_way(path: Path) -> None:
    package = path.relative_to(ROOT).parts[0]
    for name in imported(path):
        if package == "registry":
            assert not name.startswith("web"), "registry never knows the web"
        if package == "registry" and name.startswith("registry."):
            here = path.relative_to(ROOT / "registry").parts[0].removesuffix(".py")
            there = room(name)
            if here != "__init__" and there in LEVEL and here != there:
                assert here in LEVEL, f"{here} has no place in the list of rooms"
                assert LEVEL[there] <= LEVEL[here], f"{here} may not import {there}"


@pytest.mark.parametrize("path", ALL)
def test_rooms_are_small(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 300
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            assert (node.end_lineno or 0) - node.lineno < 45, f"{node.name} is too long"


@pytest.mark.parametrize("path", ALL)
def test_no_sparql_in_python(path: Path) -> None:
    if "migrations" in path.parts:
        return  # their SQL is data definition, of triggers too
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, (ast.Module, ast.FunctionDef, ast.ClassDef))
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            assert not WORDY.search(node.value), f"line {node.lineno}: {node.value[:60]}"


@pytest.mark.parametrize("path", ALL)
def test_one_importer_each(path: Path) -> None:
    here = path.relative_to(ROOT).as_posix()
    for name in imported(path):
        top = name.split(".")[0]
        if top in ONE_IMPORTER:
            assert here in ONE_IMPORTER[top], f"{here} imports {top}"
        if top == "fastapi":
            assert here.startswith("web/")
        if name == "pyoxigraph.Store":
            assert here == "registry/graphs.py"
    if here != "registry/graphs.py":
        assert "ox.Store(" not in path.read_text(encoding="utf-8")
    if here != "registry/worker.py":
        assert "Store.read_only(" not in path.read_text(encoding="utf-8")


def test_the_worker_stands_alone() -> None:
    """The process of strangers' queries imports nothing of the registry."""
    tops = {name.split(".")[0] for name in imported(ROOT / "registry" / "worker.py")}
    assert tops - sys.stdlib_module_names == {"pyoxigraph"}


def test_no_module_is_called_utils() -> None:
    assert not [path for path in modules() if re.search(r"util|helper|manager", path.stem)]


def test_no_class_of_a_record_type() -> None:
    shapes = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "shapes").glob("*.ttl"))
    types = set(re.findall(r"sh:targetClass cap:(\w+)", shapes))
    assert "Project" in types
    for path in modules():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert not types & {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}


def test_at_most_ten_own_annotations() -> None:
    used: set[str] = set()
    for path in (ROOT / "shapes").glob("*.ttl"):
        used |= set(re.findall(r"\breg:([a-z]\w*)", re.sub(r"sh:path\s+reg:\w+", "", path.read_text(encoding="utf-8"))))
    assert len(used) <= 10, sorted(used)


def test_queries_are_short() -> None:
    for path in (ROOT / "sparql").rglob("*.rq"):
        body = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
        assert len(body) < 60, path.name


def test_no_template_holds_sparql_or_direction() -> None:
    for path in (ROOT / "web" / "templates").glob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not WORDY.search(text), path.name
    for path in (ROOT / "web" / "static").glob("*.css"):
        text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        physical = re.findall(
            r"[{;\s](margin|padding|border)-(left|right)\b|[{;\s](left|right)\s*:|text-align:\s*(left|right)", text
        )
        assert not physical, f"{path.name}: {physical}"
