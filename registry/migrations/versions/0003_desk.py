"""The tables of the desk: people, drafts, receipts, letters, and the audit trail, which only grows."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SQLITE = (
    """CREATE TRIGGER act_no_update BEFORE UPDATE ON act BEGIN
       SELECT RAISE(ABORT, 'the audit trail is append-only'); END""",
    """CREATE TRIGGER act_no_delete BEFORE DELETE ON act BEGIN
       SELECT RAISE(ABORT, 'the audit trail is append-only'); END""",
    """CREATE TRIGGER act_in_order BEFORE INSERT ON act
       WHEN NEW.seq <> (SELECT COALESCE(MAX(seq), 0) + 1 FROM act)
         OR NEW.previous <> COALESCE((SELECT digest FROM act ORDER BY seq DESC LIMIT 1), '')
       BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END""",
)
POSTGRESQL = (
    """CREATE FUNCTION act_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN RAISE EXCEPTION 'the audit trail is append-only'; END $$""",
    """CREATE FUNCTION act_in_order() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN
         IF NEW.seq <> (SELECT COALESCE(MAX(seq), 0) + 1 FROM act)
            OR NEW.previous <> COALESCE((SELECT digest FROM act ORDER BY seq DESC LIMIT 1), '')
         THEN RAISE EXCEPTION 'the audit trail is append-only'; END IF;
         RETURN NEW;
       END $$""",
    "CREATE TRIGGER act_no_change BEFORE UPDATE OR DELETE ON act FOR EACH ROW EXECUTE FUNCTION act_refuse()",
    "CREATE TRIGGER act_no_truncate BEFORE TRUNCATE ON act FOR EACH STATEMENT EXECUTE FUNCTION act_refuse()",
    "CREATE TRIGGER act_in_order BEFORE INSERT ON act FOR EACH ROW EXECUTE FUNCTION act_in_order()",
)


def upgrade() -> None:
    """Make the tables, and the triggers that keep the audit trail append-only."""
    for tables in (_people, _doors, _drafts, _answers, _kept):
        tables()
    for statement in POSTGRESQL if op.get_bind().dialect.name == "postgresql" else SQLITE:
        op.execute(statement)


def _people() -> None:
    """Accounts, and in which roles they act for whom."""
    op.create_table(
        "account",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("email", sa.Text, nullable=False, unique=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("password", sa.Text),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("created", sa.Text, nullable=False),
        sa.Column("confirmed", sa.Text),
        sa.Column("closed", sa.Text),
    )
    op.create_table(
        "acting",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("account", sa.Text, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("institution", sa.Text),
        sa.Column("country", sa.Text),
        sa.Column("format", sa.Text),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("since", sa.Text, nullable=False),
        sa.Column("ended", sa.Text),
    )
    op.create_index("ix_acting_account", "acting", ["account"])


def _doors() -> None:
    """What lets somebody in: links in letters, sessions, tokens; and how often it was tried."""
    op.create_table(
        "secret",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("account", sa.Text, sa.ForeignKey("account.id")),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("made", sa.Text, nullable=False),
        sa.Column("until", sa.Text),
        sa.Column("used", sa.Text),
    )
    op.create_index("secret_subject", "secret", ["purpose", "subject"])
    op.create_table(
        "session",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("account", sa.Text, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("csrf", sa.Text, nullable=False),
        sa.Column("made", sa.Text, nullable=False),
        sa.Column("seen", sa.Text, nullable=False),
    )
    op.create_index("ix_session_account", "session", ["account"])
    op.create_table(
        "token",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("digest", sa.Text, nullable=False, unique=True),
        sa.Column("account", sa.Text, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("scopes", sa.Text, nullable=False),
        sa.Column("made", sa.Text, nullable=False),
        sa.Column("until", sa.Text, nullable=False),
        sa.Column("revoked", sa.Text),
        sa.Column("used", sa.Text),
    )
    op.create_index("ix_token_account", "token", ["account"])
    op.create_table(
        "attempt",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
    )
    op.create_index("attempt_key", "attempt", ["key", "at"])


def _drafts() -> None:
    """Records on their way to publication."""
    op.create_table(
        "number",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("record", sa.Text, nullable=False, unique=True),
        sa.Column("taken", sa.Text, nullable=False),
    )
    op.create_table(
        "draft",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("record", sa.Text, nullable=False),
        sa.Column("format", sa.Text, nullable=False),
        sa.Column("asks", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("base", sa.Integer),
        sa.Column("graph", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("author", sa.Text, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("institution", sa.Text),
        sa.Column("country", sa.Text),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("created", sa.Text, nullable=False),
        sa.Column("changed", sa.Text, nullable=False),
        sa.Column("changer", sa.Text, nullable=False),
        sa.Column("submitted", sa.Text),
        sa.Column("held", sa.Text),
        sa.Column("held_until", sa.Text),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("receipt", sa.Text),
    )
    op.create_index("ix_draft_record", "draft", ["record"])
    op.create_index("draft_waiting", "draft", ["status", "submitted"])
    op.create_table(
        "remark",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("draft", sa.Text, sa.ForeignKey("draft.id"), nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("by", sa.Text, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("field", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_index("ix_remark_draft", "remark", ["draft"])


def _answers() -> None:
    """What became of submissions, answers to repeated requests, and letters."""
    op.create_table(
        "receipt",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("record", sa.Text, nullable=False),
        sa.Column("account", sa.Text, sa.ForeignKey("account.id")),
        sa.Column("door", sa.Text, nullable=False),
        sa.Column("received", sa.Text, nullable=False),
        sa.Column("checked", sa.Text),
        sa.Column("must", sa.Integer, nullable=False),
        sa.Column("advice", sa.Integer, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("version", sa.Integer),
        sa.Column("seq", sa.Integer),
        sa.Column("decided", sa.Text),
    )
    op.create_index("ix_receipt_record", "receipt", ["record"])
    op.create_table(
        "answer",
        sa.Column("account", sa.Text, sa.ForeignKey("account.id"), primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("headers", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("account", sa.Text, sa.ForeignKey("account.id")),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("html", sa.Text, nullable=False),
        sa.Column("made", sa.Text, nullable=False),
        sa.Column("due", sa.Text, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("sent", sa.Text),
        sa.Column("failed", sa.Text),
    )
    op.create_index("outbox_due", "outbox", ["sent", "due"])


def _kept() -> None:
    """The audit trail."""
    op.create_table(
        "act",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("old", sa.Text),
        sa.Column("new", sa.Text),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("previous", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
    )
    op.create_index("act_subject", "act", ["subject"])
