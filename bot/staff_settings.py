"""The section `staff` of `config.yaml`: how staff sign in to the console, and how long that holds."""

from typing import Annotated

from pydantic import AfterValidator, Field

from bot.section import Section, network


class Staff(Section):
    """Signing in to the console."""

    totp_required: bool = Field(
        default=True, description="every account sets up one-time codes (TOTP) when it signs in for the first time"
    )
    idle_minutes: int = Field(default=30, ge=5, le=240, description="a session ends when nothing is done for so long")
    session_hours: int = Field(default=10, ge=1, le=24, description="a session ends after so long in any case")
    lock_after: int = Field(
        default=10, ge=5, le=50, description="an account waits after so many wrong passwords or codes in a row"
    )
    lock_minutes: int = Field(default=15, ge=5, le=1440, description="how long it waits then")
    attempts_per_hour: int = Field(
        default=60, ge=10, le=1000, description="tries to sign in from one address, whatever the account"
    )
    password_length: int = Field(default=10, ge=8, le=64, description="a password has at least so many characters")
    networks: list[Annotated[str, AfterValidator(network)]] = Field(
        default_factory=list, description="networks from which the console may be used; none given: from everywhere"
    )
