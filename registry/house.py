"""Where the data rooms are: ontology, vocabularies, shapes, sparql, contexts, letters, locale, samples.

One finder tries, in this order, the folder it is given, `$REGISTRY_HOUSE`, the copy inside an installed wheel
(`registry/_house`) and the checkout this file lies in.
"""

from __future__ import annotations

import os
from pathlib import Path

ROOMS = ("ontology", "vocabularies", "shapes", "sparql")  # `contexts` may be missing: what is not frozen is drawn


def find(given: str | Path | None = None) -> Path:
    """The folder that holds the data rooms.

    Raises FileNotFoundError, naming the folder and the room that is missing, when a folder that was asked for
    is not a house: silently falling back to another would serve the wrong rules.
    """
    here = Path(__file__).resolve().parent
    asked = given or os.environ.get("REGISTRY_HOUSE")
    candidates = [Path(asked)] if asked else [here / "_house", here.parent]
    for folder in candidates:
        missing = [room for room in ROOMS if not (folder / room).is_dir()]
        if not missing:
            return folder.resolve()
    raise FileNotFoundError(f"{candidates[-1]} is not a house: it has no folder {', '.join(missing)}")


def files(folder: Path, room: str, pattern: str) -> list[Path]:
    """The files of a room that match a pattern, in the order of their names."""
    return sorted((folder / room).glob(pattern))


def letters(folder: Path) -> Path:
    """The room of the letters: that of this house, or where it has none, that of the registry itself.

    Other rules need no other letters, and a house without them could invite nobody.
    """
    here = Path(__file__).resolve().parent
    candidates = [path / "letters" for path in (folder, here / "_house", here.parent)]
    return next((path for path in candidates if path.is_dir()), candidates[0])
