"""Content and what reads it: entries, sentences, rule lists, encoders."""

import subprocess
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from bot.answers.content import read_folder
from bot.answers.entries import REVIEW_AHEAD, Entry, parse_entry
from bot.answers.rules import load_rules
from bot.errors import ContentError
from bot.ops.doctor.findings import Finding, fault, note, ok, warning
from bot.ops.wording_use import fields_given, missing_fields, said_in, unsaid
from bot.wording import Wording, load_wording

_RULE_LISTS = {"emergencies.yaml": "emergency", "small_talk.yaml": "small_talk"}
_MOST_SHOWN = 5
_PROBE_SECONDS = 60
PROGRAM = (Path(__file__).parents[2], Path(__file__).parents[3] / "handlers")
"""Where the source of the program is: the sentences it says are read from there."""


def check_entry_files(folder: Path) -> Iterator[Finding]:
    """Whether the shipped entries can be read."""
    try:
        entries = read_folder(folder)
    except ContentError as error:
        yield from _faults(error.faults)
        return
    yield ok(f"{folder}：{len(entries)} 个条目都能读") if entries else fault(f"{folder} 里没有条目")


def check_base(sources: Mapping[str, str], on: date, confirmed: Collection[str]) -> Iterator[Finding]:
    """Whether the live base can be read, and what in it wants a review or the word of the federation's legal staff.

    confirmed: the topics that legal staff have confirmed as they stand.
    """
    entries: list[Entry] = []
    for topic, source in sources.items():
        try:
            entries.append(parse_entry(source, topic))
        except ContentError as error:
            yield from _faults(error.faults)
    yield ok(f"现用问答 {len(entries)} 条") if entries else warning("现用问答是空的；gonghui faq import 可导入")
    due = sorted(entry.topic for entry in entries if entry.is_review_due(on))
    if due:
        yield warning(f"{len(due)} 个条目已过复核日期：{_some(due)}")
    yield from _check_near(entries, on)
    yield from _check_confirmed(sources, confirmed)
    ended = sorted(entry.topic for entry in entries if not entry.is_effective(on))
    if ended:
        yield note(f"{len(ended)} 个条目不在有效期内，不会显示：{_some(ended)}")


def _check_near(entries: Iterable[Entry], on: date) -> Iterator[Finding]:
    near = sorted((entry.review_by, entry.topic) for entry in entries if entry.is_review_near(on))
    topics = [topic for _, topic in near]
    if near:
        yield note(
            f"{len(near)} 个条目{REVIEW_AHEAD.days}天内要复核，最早 {near[0][0]}：{_some(topics)}；"
            "gonghui faq list --due 逐条列出"
        )


def _check_confirmed(topics: Collection[str], confirmed: Collection[str]) -> Iterator[Finding]:
    unconfirmed = len(set(topics) - set(confirmed))
    if unconfirmed:
        yield warning(
            f"{unconfirmed} 个条目本会法律人员还没有确认（共 {len(topics)} 条），页面上写明是一般性信息；"
            "gonghui faq confirm --list 逐条列出"
        )
    elif topics:
        yield ok(f"{len(topics)} 个条目本会法律人员都已确认")


def check_sentences(content: Path, topics: Iterable[str]) -> Iterator[Finding]:
    """Whether everything the program says has words, and the rule lists can be read."""
    try:
        wording = load_wording(content / "replies")
    except ContentError as error:
        yield from _faults(error.faults)
        return
    keys = wording.keys()
    lost = unsaid(keys, said_in(PROGRAM))
    yield from (fault(f"content/replies 缺少句子：{key.replace(chr(92), '')}") for key in lost)
    needed = {key: wording.fields(key) for key in keys}
    for key, fields in missing_fields(fields_given(PROGRAM), needed).items():
        yield fault(f"content/replies 的 {key} 用了程序不提供的 {{{'}、{'.join(sorted(fields))}}}")
    if not lost:
        yield ok(f"{len(keys)} 句话齐全")
    yield from _check_rules(content / "lexicon", wording)
    yield from _check_hot(wording, frozenset(topics))


def check_encoders(probe: Callable[[str], str]) -> Iterator[Finding]:
    """Whether the sentence encoders run on this machine. `probe` gives the reason why one does not."""
    for name, what in (("FastEncoder", "快速语义模型"), ("SlowEncoder", "精细语义模型")):
        reason = probe(name)
        if reason:
            yield warning(f"{what}不能用（{reason}）：照样能回答，只是更容易说“没有把握”")
        else:
            yield ok(f"{what}可用")


def probe_encoder(name: str) -> str:
    """Why an encoder does not run here; empty when it does.

    In a process of its own: one is built for newer processors and would end this one without a word.
    """
    code = f"from bot.answers import encoders; encoders.{name}().encode(['a'])"
    try:
        done = subprocess.run(  # noqa: S603 - our own code, in our own interpreter
            [sys.executable, "-c", code], capture_output=True, check=False, timeout=_PROBE_SECONDS
        )
    except subprocess.TimeoutExpired:
        return f"{_PROBE_SECONDS} 秒内没有结果"
    if done.returncode < 0:
        return f"处理器不支持，信号 {-done.returncode}"
    last = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
    return last[:200] if done.returncode else ""


def _check_rules(folder: Path, wording: Wording) -> Iterator[Finding]:
    for file, prefix in _RULE_LISTS.items():
        try:
            rules = load_rules(folder / file)
        except ContentError as error:
            yield from _faults(error.faults)
            continue
        dumb = [rule.id for rule in rules if not wording.has(f"{prefix}.{rule.id}")]
        yield from (fault(f"content/replies 缺少句子：{prefix}.{id}（{file} 里有这条规则）") for id in dumb)
        if not dumb:
            yield ok(f"{file}：{len(rules)} 条规则")


def _check_hot(wording: Wording, topics: frozenset[str]) -> Iterator[Finding]:
    absent = [topic for topic in wording("hot.topics").split() if topic not in topics]
    if topics and absent:
        yield note(f"{len(absent)} 个“大家常问”的条目还没有：{_some(absent)}")


def _faults(faults: Sequence[str]) -> Iterator[Finding]:
    yield from map(fault, faults[:_MOST_SHOWN])
    if len(faults) > _MOST_SHOWN:
        yield fault(f"还有 {len(faults) - _MOST_SHOWN} 处；gonghui faq check 列出全部")


def _some(topics: Sequence[str]) -> str:
    shown = "、".join(topics[:_MOST_SHOWN])
    return f"{shown} 等" if len(topics) > _MOST_SHOWN else shown
