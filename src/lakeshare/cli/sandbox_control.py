"""Asking a running sandbox for something, over its control interface."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from http import HTTPStatus
from typing import Any

from lakeshare.errors import LakeshareError, UsageError

PATIENCE = 5.0
"""Seconds for which a sandbox that was started a moment ago, `lakeshare sandbox serve &`, may still be on its way."""


def ask(endpoint_url: str, what: str, body: dict[str, Any]) -> dict[str, Any]:
    """
    Post *body* to the control call *what* of the sandbox at *endpoint_url* and return its answer.

    Raises LakeshareError when nobody answers there, or somebody who is no sandbox; UsageError for what it refuses.
    """
    if not endpoint_url.startswith(("http://", "https://")):
        raise UsageError(f"--endpoint-url {endpoint_url}: not the URL of a sandbox", hint="http://127.0.0.1:PORT")
    request = urllib.request.Request(  # noqa: S310 - the scheme is checked
        f"{endpoint_url.rstrip('/')}/_sandbox/{what}",
        json.dumps(body).encode(),
        {"Content-Type": "application/json"},
    )
    # The sandbox is on this machine or near it; a proxy for the world outside has no business in between.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        document = _answer(opener, request)
    except urllib.error.HTTPError as error:
        raise _refused(endpoint_url, error) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise LakeshareError(
            f"no sandbox answers at {endpoint_url}: {reason}", hint="start one: `lakeshare sandbox serve`"
        ) from error
    return document


def _answer(opener: urllib.request.OpenerDirector, request: urllib.request.Request) -> dict[str, Any]:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with opener.open(request) as answer:
                document: dict[str, Any] = json.load(answer)
                return document
        except urllib.error.URLError as error:
            if not isinstance(error.reason, ConnectionRefusedError) or time.monotonic() > deadline:
                raise
        time.sleep(0.1)


def _refused(endpoint_url: str, error: urllib.error.HTTPError) -> LakeshareError:
    try:
        told = json.load(error)["error"]
    except (ValueError, KeyError, TypeError):
        return LakeshareError(f"{endpoint_url} is no sandbox: it answered {error.code}")
    is_ours = error.code == HTTPStatus.BAD_REQUEST
    return UsageError(str(told)) if is_ours else LakeshareError(f"the sandbox: {told}")
