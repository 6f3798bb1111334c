"""The story as text, or as one document."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lakeshare.cli.demo.isolation import BASE_ACCOUNT
from lakeshare.cli.demo.question import sql_for
from lakeshare.cli.demo.stage import CONSUMER, EXTERNAL_ID, EXTERNAL_ID_VARIABLE, READER, REGION, Stage
from lakeshare.cli.demo.story import Story
from lakeshare.report.json import apply_document, document, plan_document, query_document, verify_document
from lakeshare.report.text.page import Page

ENVELOPE = ("format_version", "command")


def story_document(story: Story, stage: Stage) -> dict[str, Any]:
    """Return the one document of ``demo --json``."""
    answer = story.answer
    return document(
        "demo",
        "failed" if story.complaints else "ok",
        tables=story.tables,
        plan=_part(plan_document(story.first)),
        apply=_part(apply_document("apply", story.applied)),
        verify=_part(verify_document(story.verified)),
        second_plan=_part(plan_document(story.second)),
        query=_part(query_document(READER, answer.columns, answer.rows, answer.scanned_bytes, answer.query_id))
        | {"sql": sql_for(stage.instance)},
        complaints=story.complaints,
        seconds=round(story.seconds, 1),
    )


def _part(whole: dict[str, Any]) -> dict[str, Any]:
    """Leave out what the document around it says already."""
    return {name: value for name, value in whole.items() if name not in ENVELOPE}


class Narrator:
    """Tells the story on a page, chapter by chapter."""

    def __init__(self, page: Page, hush: Callable[[], None]) -> None:
        self._page, self._hush, self._chapter = page, hush, 0

    def open(self, stage: Stage) -> None:
        """Say where the story plays."""
        self._page.folded(
            f"A sandbox at {stage.endpoint_url} stands in for AWS: a Connect instance in the producer's account with "
            f"{len(stage.tables)} tables of records, a consumer's account that has nothing yet, and this file:"
        )
        self._page.blank()
        for line in stage.spec.read_text(encoding="utf-8").splitlines():
            self._page.line((line, "cyan"), indent=4)

    def __call__(self, title: str, show: Callable[[Page], None]) -> None:
        """Tell one chapter."""
        self._hush()
        self._chapter += 1
        self._page.blank()
        self._page.line((f"{self._chapter}. {title}", "bold underline"))
        self._page.blank()
        show(self._page)

    def close(self, story: Story) -> None:
        """Say how it ended."""
        self._page.blank()
        for complaint in story.complaints:
            self._page.line((f"{self._page.signs.failed} ", "red"), complaint)
        if not story.complaints:
            denied = sum(proof.expect == "deny" for proof in story.verified.proofs)
            self._page.folded(
                f"{self._page.signs.passed} {story.tables} tables shared, {story.verified.count('pass')} proofs passed "
                f"({denied} of them refusals), nothing left to do; {story.seconds:.1f} seconds.",
                style="green",
            )

    def invite(self, stage: Stage) -> None:
        """Say how to look around while the sandbox is kept."""
        self._page.blank()
        self._page.line(("The sandbox stays until Ctrl-C. In another terminal:", "bold"))
        for line in (
            f"cd {stage.folder}",
            f"export AWS_ENDPOINT_URL={stage.endpoint_url} AWS_DEFAULT_REGION={REGION} AWS_SECRET_ACCESS_KEY=sandbox",
            f"AWS_ACCESS_KEY_ID={CONSUMER} aws glue get-tables --database-name connect_analytics_consumer",
            f"export AWS_ACCESS_KEY_ID={BASE_ACCOUNT} {EXTERNAL_ID_VARIABLE}={EXTERNAL_ID}",
            "lakeshare plan",
            f"lakeshare query --as {READER} 'TABLE contact_record_link LIMIT 5'",
            "lakeshare destroy",
        ):
            self._page.line(line, indent=4)
