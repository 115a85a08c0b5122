"""The tables of the desk, beside the ledger in the same database: people, drafts, receipts, searches, letters, acts.

Nothing of them is public and nothing of them is in the triple store. Moments are text in UTC, to the microsecond, as
the ledger writes them, so that text order is time order. What opens something (a session, a link in a letter, a
token) is kept as its SHA-256 only. Source: 2005 report, paragraphs 7 and 23 (d).
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text

from registry.database import metadata

account = Table(
    "account",
    metadata,
    Column("id", Text, primary_key=True),
    Column("email", Text, nullable=False, unique=True),  # in lower case
    Column("name", Text, nullable=False),
    Column("password", Text),  # argon2id; none before the invitation was taken up
    Column("language", Text, nullable=False),
    Column("created", Text, nullable=False),
    Column("confirmed", Text),
    Column("closed", Text),
)

acting = Table(
    "acting",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account", Text, ForeignKey("account.id"), nullable=False, index=True),
    Column("role", Text, nullable=False),  # the code of a concept of vocabulary/user-role
    Column("institution", Text),  # the IRI of an organization's record
    Column("country", Text),  # the code of a concept of vocabulary/countries, in capitals
    Column("format", Text),  # the key of a common format; none stands for all
    Column("by", Text, nullable=False),
    Column("since", Text, nullable=False),
    Column("ended", Text),
)

secret = Table(
    "secret",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("purpose", Text, nullable=False),  # confirm, invite, reset, share, receipt
    Column("account", Text, ForeignKey("account.id")),
    Column("subject", Text, nullable=False),
    Column("made", Text, nullable=False),
    Column("until", Text),
    Column("used", Text),
    Index("secret_subject", "purpose", "subject"),
)

session = Table(
    "session",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("account", Text, ForeignKey("account.id"), nullable=False, index=True),
    Column("csrf", Text, nullable=False),
    Column("made", Text, nullable=False),
    Column("seen", Text, nullable=False),
)

token = Table(
    "token",
    metadata,
    Column("id", Text, primary_key=True),
    Column("digest", Text, nullable=False, unique=True),
    Column("account", Text, ForeignKey("account.id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("made", Text, nullable=False),
    Column("until", Text, nullable=False),
    Column("revoked", Text),
    Column("used", Text),
)

attempt = Table(
    "attempt",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", Text, nullable=False),
    Column("at", Text, nullable=False),
    Index("attempt_key", "key", "at"),
)

number = Table(
    "number",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("record", Text, nullable=False, unique=True),
    Column("taken", Text, nullable=False),
)

draft = Table(
    "draft",
    metadata,
    Column("id", Text, primary_key=True),
    Column("record", Text, nullable=False, index=True),
    Column("format", Text, nullable=False),
    Column("asks", Text, nullable=False),  # publication, or the retirement of the record
    Column("status", Text, nullable=False),  # the code of a concept of vocabulary/record-status
    Column("base", Integer),  # the published version that it began from
    Column("graph", Text, nullable=False),  # the author's triples as sorted N-Triples, sound or not
    Column("title", Text, nullable=False),
    Column("author", Text, ForeignKey("account.id"), nullable=False),
    Column("role", Text, nullable=False),  # in which the author writes
    Column("institution", Text),
    Column("country", Text),
    Column("revision", Integer, nullable=False),
    Column("created", Text, nullable=False),
    Column("changed", Text, nullable=False),
    Column("changer", Text, nullable=False),
    Column("submitted", Text),
    Column("held", Text),  # by which account, for a while
    Column("held_until", Text),
    Column("note", Text, nullable=False),  # private: never published
    Column("receipt", Text),
    Index("draft_waiting", "status", "submitted"),
)

remark = Table(
    "remark",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("draft", Text, ForeignKey("draft.id"), nullable=False, index=True),
    Column("at", Text, nullable=False),
    Column("by", Text, ForeignKey("account.id"), nullable=False),
    Column("field", Text, nullable=False),  # the name of an input; empty for the record as a whole
    Column("text", Text, nullable=False),
)

receipt = Table(
    "receipt",
    metadata,
    Column("id", Text, primary_key=True),
    Column("record", Text, nullable=False, index=True),
    Column("account", Text, ForeignKey("account.id")),
    Column("door", Text, nullable=False),  # form, api, command
    Column("received", Text, nullable=False),
    Column("checked", Text),
    Column("advice", Integer, nullable=False),
    Column("outcome", Text, nullable=False),  # the code of a concept of vocabulary/record-status
    Column("version", Integer),
    Column("seq", Integer),
    Column("decided", Text),
)

answer = Table(
    "answer",
    metadata,
    Column("account", Text, ForeignKey("account.id"), primary_key=True),
    Column("key", Text, primary_key=True),  # an Idempotency-Key
    Column("request", Text, nullable=False),  # the digest of what was asked
    Column("at", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("headers", Text, nullable=False),
    Column("body", Text, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Text, primary_key=True),  # also the left part of its Message-ID
    Column("kind", Text, nullable=False),
    Column("account", Text, ForeignKey("account.id")),
    Column("address", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("html", Text, nullable=False),
    Column("made", Text, nullable=False),
    Column("due", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("tried", Text),
    Column("sent", Text),
    Column("failed", Text),  # what the last try was told
    Index("outbox_due", "sent", "due"),
)

search = Table(
    "search",
    metadata,
    Column("id", Text, primary_key=True),
    Column("account", Text, ForeignKey("account.id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("query", Text, nullable=False),  # what is asked, as it stands behind /search in an address
    Column("language", Text, nullable=False),
    Column("made", Text, nullable=False),
    Column("changed", Text, nullable=False),
    Column("seen", Integer, nullable=False),  # the number of the event up to which its owner knows what fits
    Column("letters", Boolean, nullable=False),
)

act = Table(
    "act",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("old", Text),
    Column("new", Text),
    Column("origin", Text, nullable=False),  # browser, token, command, letter; never an address
    Column("previous", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Index("act_subject", "subject"),
)

file = Table(
    "file",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),  # the code of a concept of vocabulary/file-type
    Column("size", Integer, nullable=False),  # in bytes; of one that is withheld, nothing
    Column("sha256", Text, nullable=False),
    Column("account", Text, nullable=False),  # who sent it
    Column("owner", Text, nullable=False, index=True),  # whose quota it counts against
    Column("record", Text, index=True),  # the IRI of the record that it belongs to, once one names it
    Column("made", Text, nullable=False),
    Column("published", Text),
    Column("withheld", Text),
    Column("reason", Text, nullable=False),
)

piece = Table(
    "piece",
    metadata,
    Column("file", Text, ForeignKey("file.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("bytes", LargeBinary, nullable=False),
)
