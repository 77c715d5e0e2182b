"""The templates: what they may call, whoever renders them."""

from datetime import datetime
from pathlib import Path

import jinja2

from bot.clock import SHANGHAI, local_date
from bot.site.markup import Phones, dial

TEMPLATES = Path(__file__).parent / "templates"


def make_environment(phones: Phones) -> jinja2.Environment:
    """The environment of the site's templates; what a page needs besides comes with it."""
    # autoescape for every template whatever its name; an unknown name is a fault, not an empty text
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "paragraphs": phones.paragraphs,
        "markdown": phones.markdown,
        "html": phones.html,
        "numbers": phones.found,
        "dial": dial,
        "moment": _moment,
        "iso_moment": lambda text: _moment(datetime.fromisoformat(text)),
        "local_day": local_date,
    }
    return environment


def _moment(instant: datetime) -> str:
    """Day and time in China, as people write them."""
    local = instant.astimezone(SHANGHAI)
    return f"{local:%Y-%m-%d %H:%M}"
