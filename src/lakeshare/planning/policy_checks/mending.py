"""Statements of ours in roles of others that a plan writes anew or takes out: what is wrong with them, it mends."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from lakeshare.planning.policy_checks.documents import Document
from lakeshare.resources.iam_trust import IamTrust
from lakeshare.resources.values import Place


@dataclass(frozen=True, slots=True)
class Mending:
    """The statements that a plan is to write, and those that it is to take out."""

    written: tuple[IamTrust, ...] = ()
    leaving: tuple[IamTrust, ...] = ()

    def left_out(self, place: Place, role: str, document: Document) -> frozenset[int]:
        """
        Return the numbers of the statements in *document*, the live trust of *role*, that will be others or none.

        IAM takes no trust policy without a statement, so none of ours leaves where no other stays: those are judged.
        """
        written, leaving = _sids(self.written, place, role), _sids(self.leaving, place, role)
        numbers = {one.number: str(one.content.get("Sid", "")) for one in document.statements()}
        if not written and leaving.issuperset(numbers.values()):
            return frozenset()
        return frozenset(number for number, sid in numbers.items() if sid in written | leaving)


def mending(written: Iterable[Any], leaving: Iterable[Any]) -> Mending:
    """Return what a plan mends that writes the resources *written*, and takes away *leaving*, of whatever kind."""
    return Mending(_trusts(written), _trusts(leaving))


def _trusts(items: Iterable[Any]) -> tuple[IamTrust, ...]:
    return tuple(item for item in items if isinstance(item, IamTrust))


def _sids(trusts: Iterable[IamTrust], place: Place, role: str) -> frozenset[str]:
    """A role is its account's, whatever the spec calls the account."""
    return frozenset(item.sid for item in trusts if item.place.account_id == place.account_id and item.role == role)
