"""Kill -9 during a load: after every restart ledger and views agree and nothing is half-written."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.crash import RECORDS


def killed(times: int, folder: Path) -> dict[str, int]:
    told = subprocess.run(
        [sys.executable, "-m", "tests.crash", str(times), str(folder)], capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stderr
    return json.loads(told.stdout)  # type: ignore[no-any-return]


def test_five_kills(tmp_path: Path) -> None:
    found = killed(5, tmp_path)
    assert found["killed"] == 5
    assert found["records"] == RECORDS
    assert found["rows"] > RECORDS


@pytest.mark.soak
def test_fifty_kills_more(tmp_path: Path) -> None:
    assert killed(50, tmp_path)["killed"] == 50
