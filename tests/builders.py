"""Test data with only the interesting facts shown."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path

import yaml

from bot.answers.entries import Entry, Section
from bot.laws.citation import Citation
from bot.messages import Kind, Message
from bot.settings import Configuration, load_configuration

ROOT = Path(__file__).parent.parent
_numbers = count(1)

SafeDumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
"""The one written in C where PyYAML has it."""


def a_message(text: str = "公司拖欠工资怎么办", **fields: object) -> Message:
    """A text message of its own key, from one person on a test channel."""
    values: dict[str, object] = {
        "channel": "test",
        "sender": "worker-1",
        "key": f"m{next(_numbers)}",
        "kind": Kind.TEXT,
        "received_at": datetime(2026, 11, 22, 2, 0, tzinfo=UTC),
        "text": text,
    }
    return Message(**{**values, **fields})  # type: ignore[arg-type]


def an_entry(topic: str = "wage.arrears", **fields: object) -> Entry:
    """A valid entry."""
    values: dict[str, object] = {
        "topic": topic,
        "title": "单位拖欠工资怎么办",
        "region": "全国",
        "effective_from": date(2020, 1, 1),
        "checked_on": date(2026, 11, 1),
        "review_by": date(2027, 11, 1),
        "complaint_category": "wage",
        "citations": (Citation("劳动合同法", 30), Citation("劳动合同法", 85, item=1)),
        "ask": ("公司三个月没发工资", "老板拖着工资不给"),
        "short": "工资应当按时足额发。",
        "sections": (
            Section("怎么办", "1. 先书面催要。"),
            Section("证据", "- 工资流水"),
            Section("去哪里", "- 劳动监察 12333"),
            Section("提醒", "- 注意时效。"),
        ),
    }
    return Entry(**{**values, **fields})  # type: ignore[arg-type]


def a_configuration(
    folder: Path, changes: Mapping[str, object] | None = None, environ: Mapping[str, str] | None = None
) -> Configuration:
    """The shipped configuration with its data in a test's own folder; top-level sections can be changed."""
    raw = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    raw |= {"data_dir": str(folder / "data"), "content_dir": str(ROOT / "content"), **(changes or {})}
    path = folder / "config.yaml"
    path.write_text(yaml.dump(raw, Dumper=SafeDumper, allow_unicode=True), encoding="utf-8")
    return load_configuration(path, environ or {})
