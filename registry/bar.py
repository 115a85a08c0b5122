"""How far a long command is, drawn on the standard error."""

from __future__ import annotations

import sys
from typing import Never

from tqdm import tqdm


class Bar:
    """The progress of a load, one bar for each of its steps."""

    def __init__(self, disable: bool) -> None:
        self._disable, self._what = disable, ""
        self._bar: tqdm[Never] | None = None

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def tell(self, what: str, done: int, of: int) -> None:
        """Draw how far a step is."""
        if self._disable:
            return
        if what != self._what or self._bar is None:
            self.__exit__()
            self._what = what
            calm = 0.1 if sys.stderr.isatty() else 2.0
            self._bar = tqdm(total=of, desc=f"{what:<10}", unit="", file=sys.stderr, mininterval=calm)
        self._bar.total = of
        self._bar.update(done - self._bar.n)
