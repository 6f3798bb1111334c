"""The segments of a ledger in an object store, and what its objects are called; see ``journal``."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from lakeshare.errors import LedgerError
from lakeshare.state.changes import Change

_FORMAT: Final = 1
_NAME: Final = re.compile(r"(snapshot|segment)-(\d{12})\.(?:db|json)")


@dataclass(frozen=True, slots=True)
class Segment:
    """
    One segment. ``version`` is that of the tables its rows are for, ``writer`` who wrote it, at random.

    A fence has no changes: it takes the number that a run which lost the lock would write next.
    """

    number: int
    version: int
    writer: str
    changes: Sequence[Change]
    is_fence: bool = False

    def to_bytes(self) -> bytes:
        """Return the segment as it is stored."""
        document = {
            "format": _FORMAT,
            "number": self.number,
            "version": self.version,
            "writer": self.writer,
            "is_fence": self.is_fence,
            "changes": self.changes,
        }
        return json.dumps(document, separators=(",", ":"), allow_nan=False).encode()

    @classmethod
    def from_bytes(cls, body: bytes, where: str) -> Segment:
        """Read what ``to_bytes`` wrote. Raises LedgerError for anything else, and for the format of a newer version."""
        try:
            document = json.loads(body)
            if document["format"] > _FORMAT:
                raise LedgerError(f"{where}: written by a newer lakeshare", hint="use that version, or a newer one")
            changes = [(table, int(number), row) for table, number, row in document["changes"]]
            return cls(document["number"], document["version"], document["writer"], changes, bool(document["is_fence"]))
        except (ValueError, TypeError, KeyError) as error:
            raise LedgerError(f"{where} is no segment of a ledger: {error}") from error


def numbered(names: Sequence[str]) -> list[tuple[str, int]]:
    """Return the sort, ``snapshot`` or ``segment``, and the number of each of *names* that has both."""
    found = (_NAME.fullmatch(name) for name in names)
    return [(match[1], int(match[2])) for match in found if match]


def snapshot_name(number: int) -> str:
    """Return the name of the snapshot that holds all segments up to *number*."""
    return f"snapshot-{number:012}.db"


def segment_name(number: int) -> str:
    """Return the name of the segment with this *number*."""
    return f"segment-{number:012}.json"
