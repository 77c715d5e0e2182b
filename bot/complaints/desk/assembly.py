"""Puts the cadres' desk together from settings, content and what the worker's desk rests on already."""

from collections.abc import Collection
from dataclasses import dataclass

from bot.complaints.assembly import Desk
from bot.complaints.desk.collective import Radar
from bot.complaints.desk.door import DeskParts
from bot.complaints.desk.handling import Handler
from bot.complaints.desk.hotline import Hotline
from bot.complaints.desk.sweep import Sweep
from bot.complaints.desk.template_texts import TemplateTexts, load_templates
from bot.complaints.notices import Road
from bot.keyring import KeyRing
from bot.settings import Settings


@dataclass(frozen=True, slots=True)
class CadreDesk:
    """The services for staff, and the texts they offer."""

    handler: Handler
    hotline: Hotline
    sweep: Sweep
    radar: Radar
    templates: TemplateTexts


def make_cadre_desk(
    settings: Settings, keys: KeyRing, desk: Desk, roads: Collection[Road] = frozenset({Road.CONSOLE})
) -> CadreDesk:
    """The desk of this installation. roads: by what staff are told. Raises ContentError for faulty content."""
    given = settings.complaints
    templates = load_templates(settings.content_dir / "complaints" / "templates.yaml")
    parts = DeskParts(
        keys=keys,
        rules=desk.rules,
        calendar=desk.calendar,
        clocks=desk.clocks,
        templates=templates,
        categories=frozenset(category.id for category in desk.categories),
        about_staff=frozenset(category.id for category in desk.categories if category.union_staff),
        districts=tuple(district.id for district in given.districts),
        bodies={body.id: body.name for body in given.bodies},
        regions=tuple(settings.federation.regions),
        places=desk.numbers.places,
        ask_again_days=desk.numbers.ask_days[0],
        roads=frozenset(roads),
    )
    return CadreDesk(
        handler=Handler(parts),
        hotline=Hotline(parts, desk.registrar, desk.follower, desk.guard),
        sweep=Sweep(desk.calendar, desk.clocks, roads=parts.roads),
        radar=Radar(roads=parts.roads),
        templates=templates,
    )
