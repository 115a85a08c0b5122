"""Files that came with a form: each kept, or refused with its reason beside its field; what was typed stays."""

from __future__ import annotations

from registry import attachments
from registry.attachments import Sender
from registry.drafts import Draft
from registry.errors import RegistryError
from registry.findings import Finding
from registry.formats import Format
from registry.language import LANGUAGES
from registry.shape import all_fields
from registry.terms import NamedNode
from web.inputs import field_of, part_keys, part_of
from web.session import LARGEST, Posted
from web.visit import Visit

REFUSED = "RefusedFile"
WHOLE = LARGEST + 4 * attachments.LARGEST  # bytes of a form with files; one that is too large by itself gets its reason


def taken(visit: Visit, found: Draft, posted: Posted) -> tuple[Posted, tuple[Finding, ...]]:
    """What a form sent, with the address of each file that is kept in the place of the file; why others are not."""
    format = visit.registry.formats[found.format]
    fields, refused = {name: list(values) for name, values in posted.fields.items()}, []
    owner = found.country or found.institution or visit.account.id
    sender = Sender(visit.account.id, owner, "browser", found.record.value)
    for name, files in posted.files.items():
        field = field_of(name, format.fields)
        chosen = [file for file in files if file.filename]
        if field is None or field.kind != "file" or not chosen:
            continue
        try:
            kept = attachments.keep(visit.engine, chosen[-1].file, chosen[-1].filename or "", sender, at=visit.now)
            fields[name] = [visit.registry.own.iri(kept.path).value]
        except RegistryError as error:
            refused.append(_told(found, format, name, error))
    return Posted(fields), tuple(refused)


def _told(found: Draft, format: Format, name: str, error: RegistryError) -> Finding:
    """A refusal as a finding, so that it stands beside the input."""
    prefix, _, key = name.rpartition(".")
    part = part_of(found.record, prefix.rpartition(".")[2], part_keys(format.fields)) if prefix else None
    field = next((field for field in all_fields(format.fields) if field.key == key), None)
    return Finding(
        REFUSED,
        "must",
        part[1] if part else NamedNode(found.record.value),
        path=field.path if field else None,
        key=key,
        names=field.names if field else {},
        messages={lang: error.say(lang) for lang in LANGUAGES},
        remedies={lang: error.advise(lang) for lang in LANGUAGES},
    )


def bare(refused: tuple[Finding, ...], found: Draft) -> list[str]:
    """The fields of which one more part must be drawn, for what was refused to stand in it."""
    parts = [finding.focus.value.partition("#")[2] for finding in refused if not found.graph.described(finding.focus)]
    return [part.rsplit("-", 1)[0] for part in parts if part]
