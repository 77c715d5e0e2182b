"""What is wrong with the fields of a post taken by themselves, whatever the channels. Pure."""

from collections.abc import Iterator
from datetime import date, timedelta

from bot.publishing.post_files import LONGEST_SLUG, SLUG
from bot.publishing.posts import Content, Cover
from bot.publishing.rendering import Finding, Severity

LONGEST_REVIEW = timedelta(days=366)
MOST_COVER_LINES = 2
LONGEST_COVER_LINE = 10
MOST_TAGS = 8


def field_findings(content: Content) -> Iterator[Finding]:
    """What is missing, and what is too much."""
    if not SLUG.fullmatch(content.slug) or len(content.slug) > LONGEST_SLUG:
        yield Finding("slug_form", where="slug", data={"longest": str(LONGEST_SLUG)})
    if not content.title:
        yield Finding("title_missing", where="title")
    if not content.body:
        yield Finding("text_missing", where="body")
    if not content.digest:
        yield Finding("digest_missing", Severity.WARNING, where="digest")
    if len(content.tags) > MOST_TAGS:
        yield Finding("tags_many", Severity.WARNING, where="tags", data={"most": str(MOST_TAGS)})
    yield from _cover(content.cover)


def _cover(cover: Cover) -> Iterator[Finding]:
    if not cover.lines and not cover.image:
        yield Finding("cover_missing", Severity.WARNING, where="cover")
    if len(cover.lines) > MOST_COVER_LINES:
        yield Finding("cover_lines", where="cover", data={"most": str(MOST_COVER_LINES)})
    for number, line in enumerate(cover.lines):
        if len(line) > LONGEST_COVER_LINE:
            data = {"length": str(len(line)), "longest": str(LONGEST_COVER_LINE)}
            yield Finding("cover_line_long", where=f"cover.lines[{number}]", data=data)


def date_findings(content: Content, on: date) -> Iterator[Finding]:
    """Whether what it says holds on that day, and whether somebody looks at it again in time."""
    first, last, checked = content.effective_from, content.effective_to, content.checked_on
    if first is not None and first > on:
        yield _dated("not_yet_effective", "effective_from", first, Severity.WARNING)
    if last is not None and last < max(on, first or on):
        yield _dated("expired", "effective_to", last)
    if checked is not None and checked > on:
        yield _dated("checked_in_future", "checked_on", checked)
    if content.review_by is not None:
        yield from _review(content.review_by, checked or on, on)
    elif content.citations:
        yield Finding("review_missing", Severity.WARNING, where="review_by")


def _review(review: date, checked: date, on: date) -> Iterator[Finding]:
    if review < on:
        yield _dated("review_overdue", "review_by", review)
    elif review < checked:
        yield _dated("review_before_check", "review_by", review)
    elif review - checked > LONGEST_REVIEW:
        yield _dated("review_late", "review_by", review, Severity.WARNING)


def _dated(code: str, where: str, day: date, severity: Severity = Severity.ERROR) -> Finding:
    return Finding(code, severity, where=where, data={"day": day.isoformat()})
