"""How long ago something was, as a reader says it; and when a record is due to be looked at again.

Source: confirmation rule of the Biosafety Clearing-House, which asks owners once a year; 2005 report, paragraph 23 (b).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from babel.dates import format_timedelta

from web.words import LOCALES

DUE = timedelta(days=365)


def ago(then: datetime, now: datetime, lang: str) -> str:
    """A moment of the past as its distance: `3 days ago`."""
    gone = min(then - now, timedelta(seconds=-60))
    return str(format_timedelta(gone, granularity="minute", add_direction=True, locale=LOCALES[lang]))


def due(seen: datetime, now: datetime) -> bool:
    """Whether a record that was changed or confirmed then should be confirmed again."""
    return now - seen > DUE
