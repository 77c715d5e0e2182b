"""What a check has to say, and how the whole is shown."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum


class Mark(StrEnum):
    """How bad it is."""

    OK = "✓"
    NOTE = "·"
    WARNING = "!"
    FAULT = "✗"


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence about one thing."""

    mark: Mark
    text: str


@dataclass(frozen=True, slots=True)
class Section:
    """The findings about one part of the installation."""

    title: str
    findings: tuple[Finding, ...]


def ok(text: str) -> Finding:
    """It is as it should be."""
    return Finding(Mark.OK, text)


def note(text: str) -> Finding:
    """Good to know; neither right nor wrong."""
    return Finding(Mark.NOTE, text)


def warning(text: str) -> Finding:
    """It works, and somebody should see to it."""
    return Finding(Mark.WARNING, text)


def fault(text: str) -> Finding:
    """It does not work, or must not stay so."""
    return Finding(Mark.FAULT, text)


def section(title: str, check: Callable[[], Iterable[Finding]]) -> Section:
    """The findings of a check. A check that breaks is a finding itself, so that the others are still shown."""
    findings: list[Finding] = []
    try:
        findings.extend(check())
    except Exception as error:  # noqa: BLE001 - whatever it is, the operator wants the rest
        findings.append(fault(f"检查没能做完（{type(error).__name__}），请把这一行告诉开发者"))
    return Section(title, tuple(findings))


def has_faults(sections: Iterable[Section]) -> bool:
    """Whether anything must be mended."""
    return any(finding.mark is Mark.FAULT for part in sections for finding in part.findings)


def render(sections: Iterable[Section]) -> Iterator[str]:
    """The lines to print, and a last one that counts."""
    counts = dict.fromkeys(Mark, 0)
    for part in sections:
        if not part.findings:
            continue
        yield part.title
        for finding in part.findings:
            counts[finding.mark] += 1
            yield f"  {finding.mark} {finding.text}"
        yield ""
    if counts[Mark.FAULT]:
        yield f"有 {counts[Mark.FAULT]} 处错误必须改正，{counts[Mark.WARNING]} 处需要留意。"
    elif counts[Mark.WARNING]:
        yield f"没有错误，{counts[Mark.WARNING]} 处需要留意。"
    else:
        yield "一切正常。"
