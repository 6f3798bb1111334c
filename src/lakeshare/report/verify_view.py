"""Proofs as they are shown: what passes alike in one line, what does not in full."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from lakeshare.access.proof import Proof, Status


@dataclass(frozen=True, slots=True)
class Passed:
    """Proofs of one reader that are alike: they all pass, in one way."""

    expect: Literal["allow", "deny"]
    method: Literal["query", "evaluated"]
    is_column: bool
    tables: tuple[str, ...]
    why_evaluated: str | None = None


@dataclass(frozen=True, slots=True)
class ReaderView:
    """What was shown of one reader of one share."""

    reader: str
    account: str
    share: str
    passed: tuple[Passed, ...]
    others: tuple[Proof, ...]


@dataclass(frozen=True, slots=True)
class VerifyView:
    """All proofs, by reader. ``differences`` is how many steps a plan of the same moment has."""

    proofs: tuple[Proof, ...]
    readers: tuple[ReaderView, ...]
    differences: int
    calls: Mapping[str, Mapping[str, int]]

    def count(self, status: Status) -> int:
        """Count the proofs that ended so."""
        return Counter(proof.status for proof in self.proofs)[status]

    @property
    def status(self) -> Literal["ok", "failed", "not-proved"]:
        """``failed`` when a proof failed, ``not-proved`` when none did but some could not be had."""
        if self.count("fail"):
            return "failed"
        return "not-proved" if self.count("not-proved") else "ok"


def view_verify(
    proofs: Sequence[Proof], *, differences: int = 0, calls: Mapping[str, Mapping[str, int]] | None = None
) -> VerifyView:
    """Arrange *proofs* by reader, in their own order."""
    by_reader: dict[tuple[str, str, str], list[Proof]] = {}
    for proof in proofs:
        by_reader.setdefault((proof.reader, proof.account, proof.share), []).append(proof)
    readers = tuple(_reader(*key, found) for key, found in by_reader.items())
    return VerifyView(tuple(proofs), readers, differences, calls or {})


def _reader(reader: str, account: str, share: str, proofs: Sequence[Proof]) -> ReaderView:
    alike: dict[tuple[Any, Any, bool, str | None], list[str]] = {}
    for proof in proofs:
        if proof.status == "pass":
            name = f"{proof.table}.{proof.column}" if proof.column else proof.table
            like = (proof.expect, proof.method, proof.column is not None, proof.why_evaluated)
            alike.setdefault(like, []).append(name)
    passed = tuple(
        Passed(expect, method, is_column, tuple(tables), why)
        for (expect, method, is_column, why), tables in alike.items()
    )
    return ReaderView(reader, account, share, passed, tuple(proof for proof in proofs if proof.status != "pass"))
