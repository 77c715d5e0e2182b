"""A portal that takes our webhooks, written from the protocol as the manual tells it to its makers.

A careful one keeps the promise to take a delivery with a known id once; a careless one publishes it again.
"""

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from tests.contract.sender_cases import Fault
from tests.emulators.faults import misbehaving
from tests.emulators.served import Request, Response
from tests.fakes import FakeClock


@dataclass
class Receiver:
    """`fault` meets the next event. answers_checks: it tells what it has."""

    clock: FakeClock
    secret: str
    careful: bool = False
    answers_checks: bool = True
    articles: dict[str, dict[str, Any]] = field(default_factory=dict)
    taken: dict[str, str] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    calls: list[Request] = field(default_factory=list)
    says: list[Response] = field(default_factory=list)
    """Answers to the next events instead of its own, which it does not take up."""

    fault: Fault | None = None
    unauthorised: bool = False
    asked: int = 0
    published: int = 0

    def answer(self, request: Request) -> Response:
        self.calls.append(request)
        signed = request.body if request.method == "POST" else request.query.get("delivery", "").encode()
        if self.unauthorised or not self._is_signed(request.headers.get("x-gonghui-signature", ""), signed):
            return Response({"error": f"signature: expected a key like {self.secret}"}, 401)
        if request.method == "GET":
            return self._check(request)
        self.asked += 1
        if self.says:
            return self.says.pop(0)
        fault, self.fault = self.fault, None
        answers = {
            Fault.ERROR_BEFORE: Response({"error": f"broken, {self.secret}"}, 500),
            Fault.ERROR_AFTER: Response({"error": f"broken, {self.secret}"}, 500),
            Fault.REFUSED: Response({"error": f"no column for this, {self.secret}"}, 422),
            Fault.RATE_LIMITED: Response({"error": "slowly"}, 429, {"Retry-After": "600"}),
        }
        return misbehaving(fault, lambda: self._take(request), answers)

    def _is_signed(self, header: str, signed: bytes) -> bool:
        parts = dict(part.split("=", 1) for part in header.split(",") if "=" in part)
        at, given = parts.get("t", "0"), parts.get("v1", "")
        if abs(self.clock.now().timestamp() - int(at)) > timedelta(minutes=5).total_seconds():
            return False
        expected = hmac.new(self.secret.encode(), f"{at}.".encode() + signed, hashlib.sha256).hexdigest()
        return hmac.compare_digest(expected, given)

    def _check(self, request: Request) -> Response:
        if not self.answers_checks:
            return Response({"error": "POST only"}, 405)
        number = self.taken.get(request.query["delivery"])
        return Response({"received": number is not None, **(_name(number) if number else {})})

    def _take(self, request: Request) -> Response:
        event = request.json
        assert request.headers["x-gonghui-delivery"] == request.headers["idempotency-key"] == event["id"]
        assert request.headers["x-gonghui-event"] == event["event"]
        if self.careful and event["id"] in self.taken:
            return Response({"error": "known", **_name(self.taken[event["id"]])}, 409)
        self.events.append(event)
        if event["event"] == "publish":
            number = str(len(self.events))
            self.published += 1
            self.articles[number] = event["post"]
        else:
            number = event["earlier"]
            if number not in self.articles:
                return Response({"error": "unknown"}, 404)
            self.articles.pop(number)
            if event["event"] == "edit":
                self.articles[number] = event["post"]
        self.taken[event["id"]] = number
        return Response(_name(number), 201)


def _name(number: str) -> dict[str, str]:
    return {"id": number, "address": f"https://portal.test/articles/{number}"}
