"""Checking files of posts: findings with the lines of the file, as editors and their programs follow them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot.publishing.rendering import Finding, Severity

if TYPE_CHECKING:
    from bot.publishing.assembly import Newsroom
    from bot.publishing.checking import Known
    from bot.publishing.post_files import PostFile
    from bot.settings import Configuration

SAMPLE_ADDRESS = "https://gonghui.a-rather-long-city-name.gov.cn"
"""Stands for the address of the site where none is set: what channels count includes it."""

MEDIA_FOLDER = "media"


@dataclass(frozen=True, slots=True)
class FileFinding:
    """A finding at its place in a file."""

    path: Path
    line: int
    finding: Finding
    text: str

    @property
    def is_error(self) -> bool:
        """Whether it stops the post."""
        return self.finding.severity is Severity.ERROR

    def __str__(self) -> str:
        """As compilers write theirs: file:line: level: what."""
        return f"{self.path}:{self.line}: {self.finding.severity}: {self.text}"


def strict_newsroom(configuration: "Configuration") -> "Newsroom":
    """A newsroom with every channel switched on, as what is checked for good must fit wherever it may go."""
    from dataclasses import replace

    from bot.app import make_newsroom_of
    from bot.wording import load_wording

    settings = configuration.settings
    wording = load_wording(settings.content_dir / "replies")
    newsroom = make_newsroom_of(settings, wording, settings.web.base_url or SAMPLE_ADDRESS)
    return replace(newsroom, checker=replace(newsroom.checker, enabled=()))


def checked(
    newsroom: "Newsroom", files: "Sequence[PostFile]", folder: Path, texts: Mapping[tuple[str, int, int], str]
) -> list[FileFinding]:
    """What is wrong with the posts, by file and line."""
    from bot.clock import SystemClock, local_date
    from bot.laws.statutes import StatuteChecker
    from bot.publishing.citations import statute_findings

    today = local_date(SystemClock().now())
    known = _known(files, folder)
    by_text = statute_findings(StatuteChecker(texts), [file.content for file in files]) if texts else {}
    found = []
    for file in files:
        findings = [*newsroom.checker.check(file.content, today, known), *by_text.get(file.content.slug, ())]
        found += [_at(newsroom, file, finding) for finding in findings]
    return sorted(found, key=lambda one: (str(one.path), one.line, not one.is_error, one.text))


def _known(files: "Sequence[PostFile]", folder: Path) -> "Known":
    """What posts of a folder may point at: one another, and the pictures beside them."""
    from bot.commands.post_pictures import read_pictures
    from bot.publishing.checking import Known

    return Known(slugs={file.content.slug for file in files}, pictures=set(read_pictures(folder / MEDIA_FOLDER)))


def _at(newsroom: "Newsroom", file: "PostFile", finding: Finding) -> FileFinding:
    where = newsroom.words.where(finding)
    text = newsroom.words.finding(finding)
    return FileFinding(file.path, file.line_of(finding), finding, f"{where}：{text}" if where else text)
