"""the knowledge desk; what kind of call an answered one was

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

from bot.store.columns import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "entry_writer",
        sa.Column("draft", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("staff", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("wrote", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("draft", "staff"),
    )
    op.create_table(
        "question_mark",
        sa.Column("question", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("what", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("by", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("question"),
    )
    with op.batch_alter_table("answered_call", schema=None) as batch_op:
        nature = sqlmodel.sql.sqltypes.AutoString(length=32)
        batch_op.add_column(sa.Column("nature", nature, nullable=False, server_default="consultation"))
    with op.batch_alter_table("answered_call", schema=None) as batch_op:
        batch_op.alter_column("nature", existing_type=nature, existing_nullable=False, server_default=None)


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table("answered_call", schema=None) as batch_op:
        batch_op.drop_column("nature")
    op.drop_table("question_mark")
    op.drop_table("entry_writer")
