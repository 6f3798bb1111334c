"""What a run remembers of its looks."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from lakeshare.resources.kind import Memory
from lakeshare.resources.lake_grant import LakeGrant
from lakeshare.resources.values import Place

PATIENCE_SECONDS = 30
PLACE = Place("consumer", "222222222222", "eu-west-2")


def test_looks_at_different_things_do_not_wait_for_each_other() -> None:
    """Two looks that end only together both end."""
    memory, meeting = Memory(), threading.Barrier(2, timeout=PATIENCE_SECONDS)

    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda key: memory.once(key, lambda: (meeting.wait(), key)[1]), ["grants", "tables"]))

    assert found == ["grants", "tables"]


def test_one_thing_is_looked_at_once() -> None:
    """However many ask at the same time, one of them looks."""
    memory = Memory()
    looks: list[str] = []

    def look() -> str:
        looks.append("looked")
        return "seen"

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: memory.once("grants", look), range(40)))

    assert (set(found), looks) == ({"seen"}, ["looked"])


def test_what_was_read_answers_the_same_question_only() -> None:
    """A thing that is wanted in another way, be it in what else must be there first, is read again."""
    memory = Memory()
    wanted = LakeGrant(PLACE, "arn:aws:iam::222222222222:role/reader", "SELECT", "222222222222", "", "lake", "orders")
    later = LakeGrant(
        PLACE, wanted.principal, "SELECT", "222222222222", "", "lake", "orders", depends_on=("consumer/eu-west-2/x",)
    )

    memory.keep(wanted, "seen")

    assert memory.kept(wanted) == "seen"
    assert memory.kept(later) is None
