"""A receipt counts advice only: what is submitted has passed the checks, so that nothing in it must be put right."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Drop the column that was always 0."""
    with op.batch_alter_table("receipt") as table:
        table.drop_column("must")
