"""The figures of one program in Prometheus' words. The only module that imports prometheus_client.

Each program has a registry of its own, so that two programs in one process (tests) count apart.
"""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 4.0, 5.0, 10.0, 15.0)
"""Buckets around the promises: milliseconds for an answer, five seconds for WeChat, fifteen for its last repeat."""


class PrometheusMetrics:
    """Counts, and shows what it has counted."""

    content_type = CONTENT_TYPE_PLAIN_0_0_4

    def __init__(self, version: str) -> None:
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._questions = Counter(
            "gonghui_questions", "Questions answered, by outcome", ["channel", "outcome"], registry=registry
        )
        self._replies = Histogram(
            "gonghui_reply_seconds", "From a message to its reply", ["channel"], buckets=_SECONDS, registry=registry
        )
        self._repeats = Counter("gonghui_inbound_repeats", "Messages that came again", ["channel"], registry=registry)
        self._empty = Counter(
            "gonghui_empty_answers", "Replies that were not ready in time", ["channel"], registry=registry
        )
        self._storage = Counter(
            "gonghui_storage_errors", "Work that the database did not take", ["kind"], registry=registry
        )
        self._failures = Counter(
            "gonghui_failures", "Faults of the program, by handler or job", ["part"], registry=registry
        )
        self._notices = Counter(
            "gonghui_notices", "Notices by road and what came of them", ["road", "outcome"], registry=registry
        )
        for kind in ("full", "unavailable"):
            self._storage.labels(kind)  # a series that exists at zero can be alerted on
        Gauge("gonghui_build_info", "The program's version", ["version"], registry=registry).labels(version).set(1)

    def question(self, channel: str, outcome: str) -> None:
        """A question was answered and recorded with this outcome."""
        self._questions.labels(channel, outcome).inc()

    def reply(self, channel: str, seconds: float) -> None:
        """A message got its reply after so long."""
        self._replies.labels(channel).observe(seconds)

    def repeat(self, channel: str) -> None:
        """A message came again and was not handled again."""
        self._repeats.labels(channel).inc()

    def empty_answer(self, channel: str) -> None:
        """The platform got an empty answer, because the reply was not ready in time."""
        self._empty.labels(channel).inc()

    def storage_error(self, *, full: bool) -> None:
        """The database did not take some work: it is full, or otherwise away."""
        self._storage.labels("full" if full else "unavailable").inc()

    def failure(self, part: str) -> None:
        """A handler or a job of the program failed with a fault of its own."""
        self._failures.labels(part).inc()

    def notice(self, road: str, outcome: str) -> None:
        """A notice was sent by this road, put off, given up, or nobody knows."""
        self._notices.labels(road, outcome).inc()

    def watch(self, name: str, meaning: str, read: Callable[[], float]) -> None:
        """Show a figure that is read whenever somebody looks."""
        Gauge(name, meaning, registry=self._registry).set_function(read)

    def text(self) -> bytes:
        """Everything counted so far, as Prometheus reads it."""
        return generate_latest(self._registry)
