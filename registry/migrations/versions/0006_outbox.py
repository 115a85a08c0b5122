"""When a letter was last tried, so that the nightly round can tell how many failed since the one before."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; of letters before it nobody knows."""
    op.add_column("outbox", sa.Column("tried", sa.Text))
