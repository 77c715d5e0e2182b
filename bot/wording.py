"""Everything the bot says itself, read from `content/replies/*.yaml`.

Code names a sentence by its key; an editor changes the sentence without a developer.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Formatter

import yaml

from bot.errors import ContentError
from bot.safe_yaml import SafeLoader


class Wording:
    """Sentences by dotted key, with `{fields}` filled in."""

    def __init__(self, sentences: Mapping[str, str]) -> None:
        self._sentences = dict(sentences)

    def __call__(self, key: str, **fields: object) -> str:
        """The sentence of that key. Raises KeyError for a key or a field that is missing."""
        return self._sentences[key].format(**fields)

    def has(self, key: str) -> bool:
        """Whether there is a sentence of that key."""
        return key in self._sentences

    def keys(self) -> frozenset[str]:
        """All keys."""
        return frozenset(self._sentences)

    def fields(self, key: str) -> frozenset[str]:
        """The names of the fields that the sentence of that key needs."""
        return frozenset(name for _, name, _, _ in Formatter().parse(self._sentences[key]) if name)


def load_wording(folder: Path) -> Wording:
    """Read all files of a folder. Raises ContentError with every fault, by file and path."""
    sentences: dict[str, str] = {}
    faults: list[str] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            tree = yaml.load(path.read_text(encoding="utf-8"), SafeLoader)  # noqa: S506 - safe
        except yaml.YAMLError as error:
            faults.append(f"{path}: {error}")
            continue
        for key, value in _leaves(tree, ()):
            if key in sentences:
                faults.append(f"{path}: {key} stands in another file as well")
            elif not isinstance(value, str):
                faults.append(f"{path}: {key} must be text")
            else:
                sentences[key] = value.rstrip("\n")
    if faults:
        raise ContentError(faults)
    return Wording(sentences)


def _leaves(tree: object, path: tuple[str, ...]) -> Iterator[tuple[str, object]]:
    if isinstance(tree, dict):
        for name, branch in tree.items():
            yield from _leaves(branch, (*path, str(name)))
    else:
        yield ".".join(path), tree
