"""XML as text: one element at a time, whatever stands in the data."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from registry.exchange.writing import sayable

_ENDS = {"\r": "&#13;"}  # else whoever reads takes it for a plain end of a line


def element(name: str, text: str = "", content: str = "", **attributes: str) -> str:
    """An element with its text, or with elements in it; signs that XML has no way to write become U+FFFD."""
    said = "".join(
        f" {key.replace('__', ':')}={quoteattr(sayable(value))}" for key, value in attributes.items() if value
    )
    inner = content or escape(sayable(text), _ENDS)
    return f"<{name}{said}>{inner}</{name}>\n" if inner else f"<{name}{said}/>\n"
