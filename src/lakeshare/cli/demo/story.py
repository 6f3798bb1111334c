"""Plan, apply, verify, plan again, ask: each through the same functions, over HTTP, as any user would."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from lakeshare import app
from lakeshare.access.query import QueryResult
from lakeshare.cli.demo.question import is_an_answer, sql_for
from lakeshare.cli.demo.stage import READER, Stage
from lakeshare.report.apply_view import ApplyView, view_apply
from lakeshare.report.plan_view import PlanView, view_plan
from lakeshare.report.text.apply import render_apply
from lakeshare.report.text.page import Page
from lakeshare.report.text.plan import render_plan
from lakeshare.report.text.table import render_table
from lakeshare.report.text.verify import render_verify
from lakeshare.report.verify_view import VerifyView, view_verify

Narrate: TypeAlias = Callable[[str, Callable[[Page], None]], None]
"""Takes what a chapter is about and what it shows."""


@dataclass(frozen=True, slots=True)
class Story:
    """What came of each chapter. ``seconds`` is how long the whole took, the stage not counted."""

    tables: int
    first: PlanView
    applied: ApplyView
    verified: VerifyView
    second: PlanView
    answer: QueryResult
    seconds: float

    @property
    def complaints(self) -> list[str]:
        """Everything that is not as it should be; nothing when the story went well."""
        found = {
            "something was in the way of the plan": bool(self.first.plan.blockers),
            "the plan had nothing to do": not self.first.plan.has_changes,
            "not every step was done": self.applied.status != "ok",
            "not every proof passed": self.verified.status != "ok" or not self.verified.proofs,
            "nobody was refused": not any(proof.expect == "deny" for proof in self.verified.proofs),
            "a second plan found something to do": self.second.plan.has_changes or bool(self.second.plan.blockers),
            "the query had no answer": not is_an_answer(self.answer),
        }
        return [complaint for complaint, is_so in found.items() if is_so]


def play(stage: Stage, settings: app.Settings, narrate: Narrate) -> Story:
    """Play the story on *stage* and tell it chapter by chapter. Raises KeyboardInterrupt once a stop is requested."""

    def tell(title: str, show: Callable[[Page], None]) -> None:
        if settings.stop.is_requested:
            raise KeyboardInterrupt
        narrate(title, show)

    began = time.monotonic()
    planned = view_plan(app.plan(settings).plan)
    tell("What would be done: lakeshare plan", lambda page: render_plan(planned, page))

    done = app.apply(settings)
    applied = view_apply(done.outcomes, done.calls, done.run_id, trouble=done.trouble)
    tell("Do it: lakeshare apply", lambda page: render_apply(applied, page))

    shown = app.verify(settings)
    verified = view_verify(shown.proofs, differences=len(shown.plan.steps), calls=shown.calls)
    tell("Prove it, by queries as each reader: lakeshare verify", lambda page: render_verify(verified, page))

    again = view_plan(app.plan(settings).plan)
    tell("Once more, to see that nothing is left to do: lakeshare plan", lambda page: render_plan(again, page))

    answer = app.query(settings, READER, sql_for(stage.instance))
    tell(
        f"And the point of it all: lakeshare query --as {READER}",
        lambda page: render_table(answer.columns, answer.rows, page),
    )
    return Story(len(stage.tables), planned, applied, verified, again, answer, time.monotonic() - began)
