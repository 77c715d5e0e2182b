"""The tables of the Telegram channel: updates until they are answered, and who asks for them."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, LargeBinary
from sqlmodel import Field, SQLModel

from bot.store.columns import UtcDateTime


class TelegramUpdateRow(SQLModel, table=True):
    """One update, once. Its content goes as soon as it is answered; the row stays, so that a repeat is known."""

    __tablename__ = "telegram_update"
    __table_args__ = (
        Index("ix_telegram_update_due", "state", "next_at"),
        Index("ix_telegram_update_person", "person", "state"),
    )

    bot: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    update_id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    person: str = Field(default="", max_length=64)
    received_at: datetime = Field(sa_type=UtcDateTime, index=True)
    state: str = Field(max_length=16)
    owner: str = Field(default="", max_length=64)
    next_at: datetime = Field(sa_type=UtcDateTime)
    attempts: int = 0
    faults: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    sent: int = 0
    body: bytes | None = Field(default=None, sa_type=LargeBinary)
    replies: bytes | None = Field(default=None, sa_type=LargeBinary)


class TelegramPollerRow(SQLModel, table=True):
    """Which process asks for the updates of a bot, until when, and what it asks for next."""

    __tablename__ = "telegram_poller"

    bot: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    owner: str = Field(max_length=64)
    until: datetime = Field(sa_type=UtcDateTime)
    next_update: int = Field(default=0, sa_type=BigInteger)
