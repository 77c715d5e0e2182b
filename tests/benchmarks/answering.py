"""How fast answers come: cold, warm, on a first start, with 10,000 entries; and in how much memory.

    uv run python -m tests.benchmarks.answering [--quick] [--questions FILE] [--strict]

Questions are distinct, and there is no answer cache. They are composed from shipped phrasings by
cutting, joining and changing facts, 8 to 120 characters long, unless a file gives others (JSON
lines with "question"). `--quick` takes the slow encoder's vectors of the phrasings from the
installation's data folder, or invents them: what an answer costs does not depend on their
values. The last line is one JSON object; with `--strict` a missed target ends with status 1.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from bot.answers.assembly import make_answers, make_rankers
from bot.answers.base import FaqBase
from bot.answers.content import read_folder
from bot.answers.encoders import Encoder, Vectors
from bot.answers.index import Encoders, build_index, training_texts
from bot.answers.keeper import RankerFactory
from bot.answers.ranking import EnsembleRanker
from bot.answers.service import AnswerService
from bot.answers.vectors import VectorCache
from bot.commands.ask import live_base
from bot.settings import CONFIG_VARIABLE, Configuration, load_configuration
from bot.wording import load_wording
from tests.benchmarks.invented import Invented, invented_entries, invented_questions
from tests.builders import ROOT, a_configuration

TARGETS = {"cold_s": 3.0, "warm_p50_ms": 15.0, "warm_p99_ms": 150.0, "resident_mb": 700.0, "many_p99_ms": 250.0}
MANY = 10_000
FULL_QUESTIONS, QUICK_QUESTIONS = 1000, 200
WARM_UP = 20
COLD_RUNS = 5


class Timed:
    """An encoder that notes how long it took over each question."""

    def __init__(self, encoder: Encoder) -> None:
        self.name, self.dimensions, self.fingerprint = encoder.name, encoder.dimensions, encoder.fingerprint
        self._encoder = encoder
        self.ms: list[float] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row a text."""
        start = time.perf_counter()
        vectors = self._encoder.encode(texts)
        self.ms.append((time.perf_counter() - start) * 1000)
        return vectors


def main() -> None:
    """Measure, and print what was found."""
    options = _options()
    if options.stage:
        print(json.dumps(STAGES[options.stage](load_configuration(), _read(options.questions))))
        return
    started = time.monotonic()
    entries = read_folder(ROOT / "content" / "faq")
    questions = _read(options.questions) if options.questions else invented_questions(entries, FULL_QUESTIONS)
    questions = questions[: QUICK_QUESTIONS if options.quick else FULL_QUESTIONS]
    with tempfile.TemporaryDirectory() as folder:
        result = _measure(Path(folder), questions, quick=options.quick)
    missed = sorted(name for name, limit in TARGETS.items() if result[name] > limit)
    load = os.getloadavg()[0]
    result |= {"quick": options.quick, "load_average": load, "seconds": round(time.monotonic() - started, 1)}
    print(json.dumps(result | {"targets": TARGETS, "missed": missed}))
    if missed and options.strict:
        sys.exit(1)


def _measure(folder: Path, questions: Sequence[str], *, quick: bool) -> dict[str, Any]:
    configuration = a_configuration(folder)
    file = folder / "questions.jsonl"
    file.write_text("\n".join(json.dumps({"question": q}, ensure_ascii=False) for q in questions), encoding="utf-8")
    result: dict[str, Any] = {"questions": len(questions)}
    _note("first start")
    result |= {"first_answer_s": round(_look_up(configuration, questions[0]), 2)}
    result |= _complete(configuration, quick=quick)
    _note("cold start")
    cold = sorted(_look_up(configuration, question) for question in questions[1 : COLD_RUNS + 1])
    result |= {"cold_s": round(cold[COLD_RUNS // 2], 2), "cold_worst_s": round(cold[-1], 2)}
    _note("warm answers")
    result |= _in_child("warm", configuration, file)
    _note(f"{MANY} entries")
    return result | _in_child("many", configuration, file)


def _look_up(configuration: Configuration, question: str) -> float:
    """Seconds that `gonghui ask` takes as a whole process."""
    start = time.perf_counter()
    _run([sys.executable, "-m", "bot", "ask", question], configuration)
    return time.perf_counter() - start


def _complete(configuration: Configuration, *, quick: bool) -> dict[str, Any]:
    """Build the complete index; how long that takes from nothing, estimated when in a hurry."""
    rankers = make_rankers(configuration.settings)
    base = live_base(configuration)
    if rankers.slow is None:
        return {"complete_s": 0.0, "slow_encoder": "does not run here"}
    if not quick:
        start = time.perf_counter()
        rankers.complete(base, lambda done, total: _note(f"encoding {done} of {total}"))
        return {"complete_s": round(time.perf_counter() - start, 1), "slow_encoder": "real vectors"}
    return _complete_in_a_hurry(rankers, base)


def _complete_in_a_hurry(rankers: RankerFactory, base: FaqBase) -> dict[str, Any]:
    slow = rankers.slow
    assert slow is not None
    texts = [text for entry in base.entries.values() for text in training_texts(entry)]
    texts += rankers.materials.other_matters
    slow.encode(texts[:2])
    start = time.perf_counter()
    slow.encode(texts[:: len(texts) // 60])
    a_text = (time.perf_counter() - start) / len(texts[:: len(texts) // 60])
    cache = VectorCache(load_configuration().settings.data_dir / "vectors", slow)
    known = cache.missing(texts) == 0
    start = time.perf_counter()
    replace(rankers, slow=_FromCache(slow, cache) if known else Invented(slow)).complete(base)
    rest = time.perf_counter() - start
    kind = "real vectors" if known else "invented vectors"
    return {"complete_s": round(a_text * len(texts) + rest, 1), "complete_s_is": "estimated", "slow_encoder": kind}


class _FromCache:
    def __init__(self, encoder: Encoder, cache: VectorCache) -> None:
        self.name, self.dimensions, self.fingerprint = encoder.name, encoder.dimensions, encoder.fingerprint
        self._cache = cache

    def encode(self, texts: Sequence[str]) -> Vectors:
        return self._cache.get(texts)


def warm(configuration: Configuration, questions: Sequence[str]) -> dict[str, Any]:
    """Answers of a service that has been running for a while."""
    settings = configuration.settings
    service = make_answers(settings, load_wording(settings.content_dir / "replies"))
    rankers, fast, slow = _timed(make_rankers(settings))
    base = live_base(configuration)
    service.use(base, rankers.quick(base)[0])
    result = {f"warm_{name}": value for name, value in _answer_all(service, questions, fast, slow).items()}
    return result | {"resident_mb": _resident_mb()}


def many(configuration: Configuration, questions: Sequence[str]) -> dict[str, Any]:
    """The same with 10,000 entries, their vectors invented."""
    settings = configuration.settings
    shipped = read_folder(settings.content_dir / "faq")
    hurry = len(questions) < FULL_QUESTIONS  # long bodies cost a minute to index, and little to search
    entries = invented_entries(shipped, MANY, *((2, 0) if hurry else ()))
    base = FaqBase(entries, "invented")
    service = make_answers(settings, load_wording(settings.content_dir / "replies"))
    rankers, fast, slow = _timed(make_rankers(settings))
    start = time.perf_counter()
    fake_fast, fake_slow = (Invented(encoder) if encoder else None for encoder in (rankers.fast, rankers.slow))
    invented = Encoders(fake_fast, fake_slow)
    index = build_index(base, rankers.materials, invented)
    built = round(time.perf_counter() - start, 1)
    service.use(base, EnsembleRanker(index, rankers.materials, rankers.fast, rankers.slow))
    result = {f"many_{name}": value for name, value in _answer_all(service, questions[:250], fast, slow).items()}
    return result | {"many_build_s": built, "many_entries": len(entries), "many_resident_mb": _resident_mb()}


def _timed(rankers: RankerFactory) -> tuple[RankerFactory, Timed | None, Timed | None]:
    fast, slow = (Timed(encoder) if encoder else None for encoder in (rankers.fast, rankers.slow))
    return replace(rankers, fast=fast, slow=slow), fast, slow


def _answer_all(
    service: AnswerService, questions: Sequence[str], fast: Timed | None, slow: Timed | None
) -> dict[str, float]:
    """Milliseconds an answer took, and those of its parts."""
    assert len(set(questions)) == len(questions)
    for question in questions[:WARM_UP]:
        service.answer(f"请问，{question}", datetime.now(UTC))
    for encoder in (fast, slow):
        if encoder:
            encoder.encode(["第一次"])  # loads what has not been needed yet
            encoder.ms.clear()
    times = []
    for question in questions:
        start = time.perf_counter()
        service.answer(question, datetime.now(UTC))
        times.append((time.perf_counter() - start) * 1000)
    encoding = sum(fast.ms if fast else []) + sum(slow.ms if slow else [])
    result = {"p50_ms": _percentile(times, 50), "p90_ms": _percentile(times, 90), "p99_ms": _percentile(times, 99)}
    result |= {"worst_ms": round(max(times), 1), "rest_mean_ms": round((sum(times) - encoding) / len(times), 2)}
    if fast:
        result |= {"fast_p50_ms": _percentile(fast.ms, 50), "fast_p99_ms": _percentile(fast.ms, 99)}
    if slow:
        result |= {"slow_p50_ms": _percentile(slow.ms, 50), "slow_p99_ms": _percentile(slow.ms, 99)}
        result |= {"slow_asked": round(len(slow.ms) / len(times), 3)}
    return result


STAGES: dict[str, Callable[[Configuration, Sequence[str]], dict[str, Any]]] = {"warm": warm, "many": many}


def _in_child(stage: str, configuration: Configuration, questions: Path) -> dict[str, Any]:
    """A stage in a process of its own, so that its memory is its own."""
    command = [sys.executable, "-m", "tests.benchmarks.answering", "--stage", stage, "--questions", str(questions)]
    found: dict[str, Any] = json.loads(_run(command, configuration).splitlines()[-1])
    return found


def _run(command: Sequence[str], configuration: Configuration) -> str:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("GONGHUI_")}
    environ[CONFIG_VARIABLE] = str(configuration.path)
    done = subprocess.run(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout


def _percentile(values: Sequence[float], place: int) -> float:
    return round(float(np.percentile(values, place)), 1) if values else 0.0


def _resident_mb() -> float:
    """What this process holds in memory now; what it maps from files is counted where it is used."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1])
    except OSError:
        return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 1)  # macOS counts bytes
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 2**20, 1)


def _read(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").split("\n")
    return list(dict.fromkeys(json.loads(line)["question"] for line in lines if line.strip()))


def _note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer questions, under two minutes")
    parser.add_argument("--questions", type=Path, help='JSON lines with "question", instead of composed ones')
    parser.add_argument("--strict", action="store_true", help="status 1 when a target is missed")
    parser.add_argument("--stage", choices=("warm", "many"), help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
