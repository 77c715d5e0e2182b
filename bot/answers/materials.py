"""Reading what an index is built from besides the base: the lexicon and questions on other matters."""

import hashlib
from pathlib import Path

import yaml

from bot.answers.index import Materials
from bot.answers.lexicon import load_lexicon
from bot.answers.segment import Segmenter
from bot.errors import ContentError
from bot.safe_yaml import SafeLoader


def load_materials(folder: Path) -> Materials:
    """Read `content/lexicon`. Raises ContentError with every fault."""
    others = _other_matters(folder / "other_matters.yaml")
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    lexicon = load_lexicon(folder)
    segmenter = Segmenter(lexicon.words, lexicon.stop_words, lexicon.synonyms)
    return Materials(others, segmenter, lexicon.correct, digest.hexdigest(), lexicon.asked)


def _other_matters(path: Path) -> tuple[str, ...]:
    if not path.exists():
        return ()
    try:
        questions = yaml.load(path.read_text(encoding="utf-8"), SafeLoader)["questions"]  # noqa: S506 - safe
    except (yaml.YAMLError, KeyError, TypeError) as error:
        raise ContentError([f"{path}: must be a mapping with the list 'questions' ({type(error).__name__})"]) from None
    faults = [f"{path}: questions[{i}]: must be text" for i, q in enumerate(questions) if not isinstance(q, str)]
    if faults:
        raise ContentError(faults)
    return tuple(questions)
