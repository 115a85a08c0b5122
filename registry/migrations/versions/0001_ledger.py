"""The ledger, and the triggers that make it append-only in the database itself.

Update and delete are refused. An insert whose seq is not the last plus one, or whose previous is not the last
digest, is refused too: on SQLite INSERT OR REPLACE walks past the other two triggers, and no fork can be written
by anyone who forgets the lock. PostgreSQL's TRUNCATE fires no row trigger and needs its own.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SQLITE = (
    """CREATE TRIGGER ledger_no_update BEFORE UPDATE ON ledger BEGIN
       SELECT RAISE(ABORT, 'the ledger is append-only'); END""",
    """CREATE TRIGGER ledger_no_delete BEFORE DELETE ON ledger BEGIN
       SELECT RAISE(ABORT, 'the ledger is append-only'); END""",
    """CREATE TRIGGER ledger_in_order BEFORE INSERT ON ledger
       WHEN NEW.seq <> (SELECT COALESCE(MAX(seq), 0) + 1 FROM ledger)
         OR NEW.previous <> COALESCE((SELECT digest FROM ledger ORDER BY seq DESC LIMIT 1), '')
       BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END""",
)
POSTGRESQL = (
    """CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$""",
    """CREATE FUNCTION ledger_in_order() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN
         IF NEW.seq <> (SELECT COALESCE(MAX(seq), 0) + 1 FROM ledger)
            OR NEW.previous <> COALESCE((SELECT digest FROM ledger ORDER BY seq DESC LIMIT 1), '')
         THEN RAISE EXCEPTION 'the ledger is append-only'; END IF;
         RETURN NEW;
       END $$""",
    "CREATE TRIGGER ledger_no_change BEFORE UPDATE OR DELETE ON ledger FOR EACH ROW EXECUTE FUNCTION ledger_refuse()",
    "CREATE TRIGGER ledger_no_truncate BEFORE TRUNCATE ON ledger FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()",
    "CREATE TRIGGER ledger_in_order BEFORE INSERT ON ledger FOR EACH ROW EXECUTE FUNCTION ledger_in_order()",
)


def upgrade() -> None:
    """Make the table, its index and its triggers."""
    op.create_table(
        "ledger",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("entered", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("record", sa.Text, nullable=False),
        sa.Column("version", sa.Integer),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("for", sa.Text),
        sa.Column("source", sa.Text),
        sa.Column("graph", sa.Text),
        sa.Column("salts", sa.Text),
        sa.Column("note", sa.Text),
        sa.Column("previous", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
    )
    op.create_index("ledger_record", "ledger", ["record", "seq"])
    for statement in POSTGRESQL if op.get_bind().dialect.name == "postgresql" else SQLITE:
        op.execute(statement)
