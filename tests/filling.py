"""A form as a browser would send it: names and values scraped from a page, and what stands where in it."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"input", "meta", "link", "br", "hr", "img"}


@dataclass
class Filled(HTMLParser):
    """What a browser would send of a form, its ids, what is invalid, what is described by what."""

    fields: dict[str, list[str]] = field(default_factory=dict)
    ids: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    described: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    inputs: list[dict[str, str]] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    scripts: int = 0

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._area: str | None = None
        self._text = ""
        self._select = ""
        self._options: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag not in VOID:
            self.open.append(tag)
        if "id" in found:
            self.ids.append(found["id"])
        self.described += found.get("aria-describedby", "").split() + found.get("aria-labelledby", "").split()
        if tag == "a":
            self.links.append(found.get("href", ""))
        elif tag == "label" and "for" in found:
            self.labels.append(found["for"])
        elif tag == "script":
            self.scripts += 1
        elif tag == "input":
            self._input(found)
        elif tag == "textarea":
            self.inputs.append(found)
            self._area, self._text = found["name"], ""
        elif tag == "select":
            self.inputs.append(found)
            self._select, self._options = found["name"], []
        elif tag == "option":
            self._options.append((found["value"], "selected" in found))
        assert not any(name.startswith("on") or name == "style" for name in found), found

    def _input(self, found: dict[str, str]) -> None:
        self.inputs.append(found)
        ticked = found["type"] not in ("radio", "checkbox", "file") or "checked" in found
        if ticked and found.get("name"):
            self.send(found["name"], found.get("value", "on").replace("\n", ""))

    def send(self, name: str, value: str) -> None:
        self.fields.setdefault(name, []).append(value)

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._text += data

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes something else"
        if tag == "textarea" and self._area is not None:
            self.send(self._area, self._text.removeprefix("\n").replace("\n", "\r\n"))
            self._area = None
        elif tag == "select":
            chosen = [value for value, selected in self._options if selected] or [self._options[0][0]]
            self.send(self._select, chosen[-1])


def scrape(html: bytes) -> Filled:
    """The form of a page, filled as it was drawn."""
    filled = Filled()
    filled.feed(html.decode())
    filled.close()
    assert not filled.open, filled.open
    return filled
