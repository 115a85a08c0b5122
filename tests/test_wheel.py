"""The wheel holds the two packages and the data rooms, and nothing of it is shipped by a dependency as well."""

import subprocess
import sys
import zipfile
from importlib.metadata import distributions, packages_distributions
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_wheel(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"registry", "web"}
    for room in (
        "ontology/registry.ttl",
        "shapes/project.ttl",
        "vocabularies/skos/countries.ttl",
        "sparql/records/list.rq",
        "contexts/README.md",
    ):
        assert f"registry/_house/{room}" in names
    assert "registry/_house/samples/period-2004/projects.ttl" in names
    assert "registry/_house/letters/reset/letter.html" in names
    assert "registry/_house/locale/ar/LC_MESSAGES/registry.po" in names
    assert any(name.startswith("web/templates/") for name in names)
    assert {"web/static/yasgui/yasgui.min.js", "web/static/yasgui/yasgui.LICENSE.txt"} <= set(names)
    assert "registry/migrations/versions/0001_ledger.py" in names


def test_an_installed_wheel_finds_its_house(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    asked = "import registry.house, registry; print(registry.house.find())"
    told = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(tmp_path / 'site')!r}); {asked}"],
        check=True,
        capture_output=True,
        text=True,
    )
    assert told.stdout.strip().endswith("site/registry/_house")


def test_no_dependency_ships_our_names() -> None:
    assert list(distributions())
    for name in ("registry", "web"):
        assert set(packages_distributions().get(name, [])) <= {"biosafety-capacity-registry"}
