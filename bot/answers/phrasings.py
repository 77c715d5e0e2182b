"""Checking the phrasings of entries: too alike, twice, or written to one pattern.

Phrasings are what the ranking learns from; a hundred turns of one sentence teach it nothing.
All comparisons are over the normalised text without punctuation, numbers as one sign.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from bot.answers.text import normalise

MOST_SHARED = 0.8
"""Two phrasings may share this much of their character bigrams, not more."""

MOST_TOPICS = 5
"""So many topics may have phrasings of one pattern, not more."""

_NUMBER = re.compile("[0-9]+|[一二三四五六七八九十百千万两几]+(?=[年月天号块元个周日])")
_NOISE = re.compile(r"[\W_]+")
_OPENING, _ENDING = 2, 3  # a pattern's fixed parts around a slot, in characters
_LONG_EDGE = 7  # an opening or ending of this length is a pattern by itself
_LONG_RUN = 12  # so is a run of this length anywhere; the longest legal terms are shorter
_SLOT = 2  # characters that a slot holds at least


@dataclass(frozen=True, slots=True)
class Phrasing:
    """A phrasing and where it stands: topic, and position in its list."""

    topic: str
    position: int
    text: str
    plain: str
    grams: frozenset[str]


def phrasing(topic: str, position: int, text: str) -> Phrasing:
    """The phrasing, ready to be compared."""
    plain = plain_text(text)
    return Phrasing(topic, position, text, plain, frozenset(plain[i : i + 2] for i in range(len(plain) - 1)))


def plain_text(text: str) -> str:
    """What is compared of a phrasing."""
    return _NOISE.sub("", _NUMBER.sub("0", normalise(text)))


def alike(phrasings: Sequence[Phrasing]) -> Iterator[tuple[Phrasing, Phrasing, float]]:
    """Pairs of a topic that share too many of the bigrams of the shorter one, with the share."""
    for one, other in combinations(phrasings, 2):
        smaller = min(len(one.grams), len(other.grams))
        share = len(one.grams & other.grams) / smaller if smaller else float(one.plain == other.plain)
        if share > MOST_SHARED:
            yield one, other, share


def near_duplicates(phrasings: Sequence[Phrasing]) -> Iterator[tuple[Phrasing, Phrasing, float]]:
    """Pairs of different topics that share too many of all their bigrams (Dice), with the share.

    Only pairs that share one of their rarest bigrams are compared: a pair above the limit always
    does, since at most a third of the bigrams of either can be missing in the other.
    """
    rarity = Counter(gram for one in phrasings for gram in one.grams)
    by_gram: dict[str, list[int]] = defaultdict(list)
    for number, one in enumerate(phrasings):
        rare = sorted(one.grams, key=lambda gram: (rarity[gram], gram))[: len(one.grams) // 3 + 1]
        candidates = {earlier for gram in rare for earlier in by_gram[gram]}
        for earlier in sorted(candidates):
            other = phrasings[earlier]
            share = 2 * len(one.grams & other.grams) / (len(one.grams) + len(other.grams))
            if other.topic != one.topic and share > MOST_SHARED:
                yield other, one, share
        for gram in rare:
            by_gram[gram].append(number)
    yield from _same_and_short(phrasings)


def _same_and_short(phrasings: Sequence[Phrasing]) -> Iterator[tuple[Phrasing, Phrasing, float]]:
    """Equal phrasings of different topics that are too short to have bigrams."""
    for one, other in combinations([p for p in phrasings if not p.grams], 2):
        if one.topic != other.topic and one.plain == other.plain:
            yield one, other, 1.0


def patterns(phrasings: Sequence[Phrasing], titles: Mapping[str, str]) -> list[tuple[str, list[Phrasing]]]:
    """Wording patterns found in too many topics, with their phrasings, the commonest first.

    A pattern is what stays the same around a slot: an opening with an ending, a long opening or
    ending, a long run, or everything around the entry's own title.
    """
    found: dict[tuple[str, ...], list[Phrasing]] = defaultdict(list)
    plain_titles = {topic: plain_text(title) for topic, title in titles.items()}
    for one in phrasings:
        for pattern in _patterns_of(one.plain, plain_titles.get(one.topic, "")):
            found[pattern].append(one)
    frequent = [(p, ones) for p, ones in found.items() if len({one.topic for one in ones}) > MOST_TOPICS]
    frequent.sort(key=lambda item: (-len(item[1]), -sum(map(len, item[0])), item[0]))
    return _distinct([("…".join(pattern), ones) for pattern, ones in frequent])


def _patterns_of(plain: str, title: str) -> set[tuple[str, ...]]:
    patterns: set[tuple[str, ...]] = set()
    if len(plain) >= _OPENING + _ENDING + _SLOT:
        patterns |= {(plain[:_OPENING], plain[-_ENDING:]), (plain[:_ENDING], plain[-_OPENING:])}
    if len(plain) >= _LONG_EDGE + _SLOT:
        patterns |= {(plain[:_LONG_EDGE], ""), ("", plain[-_LONG_EDGE:])}
    patterns |= {("", plain[i : i + _LONG_RUN], "") for i in range(len(plain) - _LONG_RUN + 1)}
    if title and title in plain and plain != title:
        opening, _, ending = plain.partition(title)
        patterns.add((opening, ending))
    return patterns


def _distinct(patterns: list[tuple[str, list[Phrasing]]]) -> list[tuple[str, list[Phrasing]]]:
    """Without patterns whose phrasings have all been named by one before."""
    named: set[tuple[str, int]] = set()
    kept = []
    for pattern, ones in patterns:
        places = {(one.topic, one.position) for one in ones}
        if not places <= named:
            kept.append((pattern, ones))
        named |= places
    return kept
