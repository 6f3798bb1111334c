"""
The program that serves the sandbox: the sandbox itself, with a note of when each call came and was answered.

    python served.py PORT

``GET /_bench/calls`` answers with ``[[came, answered, "service:Operation", status], ...]``, in seconds of one clock, of
all calls since the last ``DELETE /_bench/calls``.
"""

from __future__ import annotations

import json
import sys
import time

from lakeshare.sandbox import server
from lakeshare.sandbox.front import Front
from lakeshare.sandbox.wire.http import Answer, Request
from lakeshare.sandbox.wire.meaning import meaning

NOTES = "/_bench/calls"


class NotingFront(Front):
    """The front door, with somebody who looks at a watch."""

    noted: list[tuple[float, float, str, int]] = []  # noqa: RUF012 - there is one front door in this program

    async def answer(self, request: Request) -> Answer:
        """Answer *request*, and note it unless it is for the sandbox itself."""
        if request.path == NOTES:
            told = json.dumps(self.noted).encode()
            if request.method == "DELETE":
                self.noted.clear()
            return Answer(200, (("Content-Type", "application/json"),), told)
        came = time.monotonic()
        answer = await super().answer(request)
        if not request.path.startswith("/_sandbox/"):
            meant, _ = meaning(request)
            self.noted.append((came, time.monotonic(), f"{meant.service}:{meant.operation}", answer.status))
        return answer


if __name__ == "__main__":
    server.Front = NotingFront  # type: ignore[misc]
    server.serve("127.0.0.1", int(sys.argv[1]), lambda _url: None)
