"""Every table there is: a module of tables that is not named here is not migrated, compared or sealed anew."""

from sqlmodel import SQLModel

from bot.store import (  # noqa: F401 - a table is known once its module has been imported
    case_tables,
    knowledge_tables,
    publishing_tables,
    staff_tables,
    subscription_tables,
    tables,
    telegram_tables,
)

SCHEMA = SQLModel.metadata
