"""One HTTP request and one HTTP answer, each read whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import parse_qsl

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Request:
    """
    A request as it stood on the wire.

    ``target`` is the request line's, still percent-encoded and with its query; ``headers`` are case-insensitive to look
    up; ``body`` has lost its transfer encoding and nothing else (``aws-chunked`` and gzip are content encodings).
    """

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @cached_property
    def path(self) -> str:
        """The percent-encoded path, without the query."""
        return self.target.partition("?")[0]

    @cached_property
    def query(self) -> Mapping[str, str]:
        """The query string, decoded; a flag such as ``?acl`` is there with an empty value."""
        return dict(parse_qsl(self.target.partition("?")[2], keep_blank_values=True))

    @cached_property
    def form(self) -> Mapping[str, str]:
        """The fields of a form body, decoded, over those of the query string."""
        if not self.headers.get("Content-Type", "").startswith(FORM):
            return self.query
        return {**self.query, **dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))}


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back: ``headers`` as pairs, for some may repeat."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
