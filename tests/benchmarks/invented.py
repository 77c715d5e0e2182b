"""Questions, entries and vectors made up from the shipped phrasings, the same on every run."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from bot.answers.encoders import Encoder, Vectors
from bot.answers.entries import Entry

SEED = 20261122
SHORTEST, LONGEST = 8, 120
_BREAK = re.compile(r"[，。！？,.!? ；;]+")
_FACT = re.compile(r"[0-9]+|[一二两三四五六七八九十]+(?=[个年月天号万千百块岁名人次])")
_JOBS = (
    "我在饭店端盘子，", "工地上干木工，", "我是保安，", "送外卖的，", "我老公开货车，", "在超市理货，",
    "俺妈做保洁，", "我是电焊工，", "做客服的，", "幼儿园代课，", "我弟在电子厂，", "我是护工，",
)  # fmt: skip
_ENDS = ("怎么办", "该找谁", "合理吗", "能赔多少", "怎么算", "可以告吗", "要准备什么", "请问一下", "急", "")


class Invented:
    """Vectors of the right shape and of no meaning, in place of an encoder's."""

    def __init__(self, encoder: Encoder) -> None:
        self.name, self.dimensions, self.fingerprint = encoder.name, encoder.dimensions, encoder.fingerprint

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row a text, of length one."""
        vectors = np.random.default_rng(SEED).standard_normal((len(texts), self.dimensions), np.float32)
        result: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return result


def invented_questions(entries: Mapping[str, Entry], n: int) -> list[str]:
    """So many distinct questions, short ones as often as long ones: cut, joined, other facts."""
    rng = np.random.default_rng(SEED)
    phrasings = [text for topic in sorted(entries) for text in entries[topic].ask]
    found: dict[str, None] = {}
    while len(found) < n:
        wanted = int(np.exp(rng.uniform(np.log(SHORTEST), np.log(LONGEST + 1))))
        question = _composed(phrasings, wanted, rng)
        if len(question) >= SHORTEST and question not in phrasings:
            found[question] = None
    return list(found)


def _composed(phrasings: Sequence[str], wanted: int, rng: np.random.Generator) -> str:
    parts = [_one_of(_JOBS, rng)] if rng.random() < 1 / 3 else []
    while sum(map(len, parts)) < wanted:
        clauses = [clause for clause in _BREAK.split(_one_of(phrasings, rng)) if clause]
        start = int(rng.integers(len(clauses)))
        parts.append("，".join(clauses[start : start + int(rng.integers(1, 4))]) + "，")
    end = _one_of(_ENDS, rng)
    text = "".join(parts)[: max(wanted - len(end), SHORTEST // 2)].rstrip("，") + end
    return _FACT.sub(lambda found: str(int(rng.integers(2, 30))) if rng.random() < 1 / 2 else found.group(), text)[
        :LONGEST
    ]


def invented_entries(entries: Mapping[str, Entry], n: int, phrasings: int = 4, sections: int = 9) -> dict[str, Entry]:
    """So many entries with the shipped ones' bodies (their first sections) and phrasings composed from theirs."""
    rng = np.random.default_rng(SEED)
    shipped = [entries[topic] for topic in sorted(entries)]
    made = {}
    for number in range(n):
        pattern = shipped[number % len(shipped)]
        asked = tuple(_composed(pattern.ask, int(rng.integers(10, 40)), rng) for _ in range(phrasings))
        topic = f"{pattern.category}.invented-{number}"
        body = pattern.sections[:sections]
        made[topic] = replace(
            pattern, topic=topic, title=f"{pattern.title}{number}", ask=asked, sections=body, related=()
        )
    return made


def _one_of(values: Sequence[str], rng: np.random.Generator) -> str:
    return values[int(rng.integers(len(values)))]
