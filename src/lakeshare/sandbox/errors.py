"""The one exception a sandbox service raises to refuse a call."""

from __future__ import annotations

from typing import Any


class ServiceError(Exception):
    """
    A refusal in AWS's words: an error code, a message, and the HTTP status the real service answers with.

    *fields* are extra members of the modelled exception shape, where it has any.
    """

    def __init__(self, code: str, message: str, status: int = 400, **fields: Any) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.fields = fields
