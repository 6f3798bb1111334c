"""The answer that reports proofs."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Final

from lakeshare.access.proof import Proof
from lakeshare.app import Verified
from lakeshare.cli.answer import Answer
from lakeshare.cli.shell import Shell
from lakeshare.errors import ProofError
from lakeshare.report.json import verify_document
from lakeshare.report.text.verify import render_verify
from lakeshare.report.verify_view import VerifyView, view_verify
from lakeshare.report.words import counted

if TYPE_CHECKING:
    from lakeshare.report.text.page import Page

ASKING: Final = "asking as each reader"

EXIT_CODES: Final = {"ok": 0, "failed": ProofError.exit_code, "not-proved": 1}


def view_of(verified: Verified) -> VerifyView:
    """Return *verified* as it is shown."""
    return view_verify(verified.proofs, differences=len(verified.plan.steps), calls=verified.calls)


class Counting:
    """Shows how many proofs there are so far; told of each from the thread that made it."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self._proofs = count(1)

    def __call__(self, _proof: Proof) -> None:
        """One more."""
        self._shell.progress.look(f"{ASKING}: {counted(next(self._proofs), 'proof')}")


def proved(verified: Verified, shell: Shell) -> Answer:
    """Return the answer that reports *verified*."""
    view = view_of(verified)

    def text(page: Page) -> None:
        render_verify(view, page, lists_all=shell.lists_all)

    return Answer(verify_document(view), text, exit_code=EXIT_CODES[view.status])


def together(applied: Answer, verified: Answer) -> Answer:
    """Return one answer for an apply and the proofs after it: as good as the worse of the two."""

    def text(page: Page) -> None:
        applied.text(page)
        page.blank()
        verified.text(page)

    members = {**applied.document, "verify": verified.document}
    if verified.exit_code:
        members["status"] = verified.document["status"]
    return replace(applied, document=members, text=text, exit_code=applied.exit_code or verified.exit_code)
