"""The lexicon, read from `content/lexicon/`: words, synonyms, stop words, slips.

Values only; cutting text into words is `segment`'s business.

    userdict.txt    one word a line, `word frequency tag`, as jieba reads it
    synonyms.yaml   groups {lay: [...], law: [...]}: what people say -> what the law calls it
    stopwords.txt   one word a line
    typos.yaml      wrong -> right, replaced as they stand
    how_often_asked.yaml    topics by how often they are asked about; may be absent
"""

import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeGuard

from bot.answers.entries import TOPIC
from bot.answers.text import normalise
from bot.errors import ContentError
from bot.laws.marked import Marked, load_marked

_WORD = re.compile(r"(\S+)(?: ([0-9]+))?(?: ([a-z]+))?")
_MOST_ROUNDS = 50
HOW_OFTEN = ("seldom", "sometimes", "often", "daily", "hourly")


@dataclass(frozen=True)
class Lexicon:
    """What is known about words. `synonyms` leads from a lay word to the words of the law.

    asked: how often topics are asked about, from 0 (seldom) to 4 (hourly); who is not named is asked about sometimes.
    """

    terms: tuple[str, ...] = ()
    synonyms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    stop_words: frozenset[str] = frozenset()
    typos: Mapping[str, str] = field(default_factory=dict)
    asked: Mapping[str, int] = field(default_factory=dict)

    @property
    def words(self) -> tuple[str, ...]:
        """Every word that a segmenter has to know: terms, lay words and what they stand for."""
        law = (word for words in self.synonyms.values() for word in words)
        return tuple(dict.fromkeys((*self.terms, *self.synonyms, *law)))

    def correct(self, text: str) -> str:
        """The text with slips mended. Mending twice changes nothing more."""
        if not self.typos:
            return text
        for _ in range(_MOST_ROUNDS):  # a mended slip may complete another one with what stands beside it
            mended = self._slips.sub(lambda match: self.typos[match[0]], text)
            if mended == text:
                break
            text = mended
        return text

    @cached_property
    def _slips(self) -> re.Pattern[str]:
        longest_first = sorted(self.typos, key=lambda wrong: (-len(wrong), wrong))
        return re.compile("|".join(map(re.escape, longest_first)))


def load_lexicon(folder: Path) -> Lexicon:
    """Read the lexicon. Raises ContentError with every fault, by file and line."""
    faults: list[str] = []
    lexicon = Lexicon(
        terms=tuple(_terms(folder / "userdict.txt", faults)),
        synonyms=_synonyms(folder / "synonyms.yaml", faults),
        stop_words=frozenset(word for _, word in _lines(folder / "stopwords.txt", faults)),
        typos=_typos(folder / "typos.yaml", faults),
        asked=_asked(folder / "how_often_asked.yaml", faults),
    )
    if faults:
        raise ContentError(faults)
    return lexicon


def _lines(path: Path, faults: list[str]) -> Iterator[tuple[int, str]]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        faults.append(f"{path}:1: cannot be read ({type(error).__name__})")
        return
    seen: set[str] = set()
    for number, line in enumerate(text.split("\n"), 1):
        word = line.strip()
        if word in seen:
            faults.append(f"{path}:{number}: {word} stands twice")
        if word:
            seen.add(word)
            yield number, word


def _terms(path: Path, faults: list[str]) -> Iterator[str]:
    for number, line in _lines(path, faults):
        match = _WORD.fullmatch(line)
        if match is None:
            faults.append(f"{path}:{number}: must be a word with frequency and tag, such as 停工留薪期 5000 n")
        else:
            yield match[1]


def _loaded(path: Path, faults: list[str]) -> Marked | None:
    """The file; None, with a fault, when it cannot be read."""
    try:
        return load_marked(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        faults.append(f"{path}:1: cannot be read ({type(error).__name__})")
    except ContentError as error:
        faults += error.faults
    return None


def _marked(path: Path, key: str, kind: type, faults: list[str]) -> tuple[Marked, Any] | None:
    """The file and what stands under the key in it; None, with a fault, when that is not there."""
    marked = _loaded(path, faults)
    if marked is None:
        return None
    value = marked.value.get(key) if isinstance(marked.value, dict) else None
    if not isinstance(value, kind):
        faults.append(marked.fault(f"must be a mapping with {key} in it"))
        return None
    return marked, value


def _synonyms(path: Path, faults: list[str]) -> dict[str, tuple[str, ...]]:
    read = _marked(path, "synonyms", list, faults)
    if read is None:
        return {}
    marked, groups = read
    synonyms: dict[str, tuple[str, ...]] = {}
    for number, group in enumerate(groups):
        lay, law = (group.get("lay"), group.get("law")) if isinstance(group, dict) else (None, None)
        if not _are_words(lay) or not _are_words(law) or set(group) != {"lay", "law"}:
            what = "must be {lay: [...], law: [...]} with words of two characters or more"
            faults.append(marked.fault(f"synonyms: {what}", "synonyms", number))
            continue
        for word in lay:
            others = (other for other in law if other != word)
            synonyms[word] = tuple(dict.fromkeys((*synonyms.get(word, ()), *others)))
    return {normalise(word): law for word, law in synonyms.items() if law}


def _are_words(value: object) -> TypeGuard[list[str]]:
    least = 2  # a single character stands in too many words to mean anything by itself
    return (
        isinstance(value, list) and bool(value) and all(isinstance(w, str) and len(w.strip()) >= least for w in value)
    )


def _typos(path: Path, faults: list[str]) -> dict[str, str]:
    read = _marked(path, "typos", dict, faults)
    if read is None:
        return {}
    marked, pairs = read
    typos: dict[str, str] = {}
    for wrong, right in pairs.items():
        if not isinstance(wrong, str) or not isinstance(right, str) or not wrong or not right:
            faults.append(marked.fault(f"typos: {wrong} must be text that stands for text", "typos", str(wrong)))
        elif any(other in right for other in pairs if isinstance(other, str)):
            faults.append(marked.fault(f"typos: {right} holds a wrong word itself", "typos", wrong))
        else:
            typos[wrong] = right
    return typos


def _asked(path: Path, faults: list[str]) -> dict[str, int]:
    marked = _loaded(path, faults) if path.exists() else None
    if marked is None:
        return {}
    if not isinstance(marked.value, dict):
        faults.append(marked.fault(f"must be a mapping with lists of topics under {', '.join(HOW_OFTEN)}"))
        return {}
    asked: dict[str, int] = {}
    for level, topics in marked.value.items():
        if level not in HOW_OFTEN or not isinstance(topics, list):
            faults.append(marked.fault(f"{level}: must be a list of topics under one of {', '.join(HOW_OFTEN)}", level))
            continue
        for number, topic in enumerate(topics):
            fault = _topic_fault(topic, asked)
            if fault:
                faults.append(marked.fault(f"{level}: {topic} {fault}", level, number))
            else:
                asked[topic] = HOW_OFTEN.index(level)
    return asked


def _topic_fault(topic: object, known: Container[object]) -> str:
    if not isinstance(topic, str) or not TOPIC.fullmatch(topic):
        return "is not a topic such as wage.arrears"
    return "stands twice" if topic in known else ""
