"""The rules of retention as the settings have them."""

from bot.complaints.categories import Categories
from bot.complaints.retention import Retention, RetentionRules
from bot.errors import ConfigurationError
from bot.settings import Settings


def make_retention(settings: Settings, categories: Categories) -> Retention:
    """What applies the rules of this installation.

    Raises ConfigurationError for a category that there is not: its cases would go too early.
    """
    given = settings.complaints.retention
    unknown = [id for id in given.categories if id not in categories]
    if unknown:
        raise ConfigurationError([f"complaints.retention.categories: {', '.join(unknown)}"])
    return Retention(
        RetentionRules(
            closed_years=given.closed_years,
            withdrawn_years=given.withdrawn_years,
            categories=dict(given.categories),
            audit_text_years=given.audit_text_years,
            vote_days=given.vote_days,
            notice_days=given.notice_days,
            call_days=given.call_days,
            needs_approval=given.approval,
        )
    )
