"""What every command starts from."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.app import Program


def open_program() -> "Program":
    """The program of this installation. Raises ConfigurationError with all faults."""
    from bot.app import build
    from bot.settings import load_configuration

    return build(load_configuration())
