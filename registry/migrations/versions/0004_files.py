"""The files that belong to records, in pieces."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the two tables."""
    op.create_table(
        "file",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("record", sa.Text),
        sa.Column("made", sa.Text, nullable=False),
        sa.Column("published", sa.Text),
        sa.Column("withheld", sa.Text),
        sa.Column("reason", sa.Text, nullable=False),
    )
    op.create_index("ix_file_owner", "file", ["owner"])
    op.create_index("ix_file_record", "file", ["record"])
    op.create_table(
        "piece",
        sa.Column("file", sa.Text, sa.ForeignKey("file.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("bytes", sa.LargeBinary, nullable=False),
    )
