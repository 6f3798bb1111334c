"""How a run is getting on: counts, an honest time left, what holds it up."""

from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st

from lakeshare.engine.events import Event, Finished, Interrupted, RunStarted, Throttled, Waiting
from lakeshare.errors import KeptError
from lakeshare.report.progress import LineProgress, progress_on
from lakeshare.report.progress.bar import BarProgress
from lakeshare.report.progress.tally import Tally
from lakeshare.report.progress.time_left import FEWEST, TimeLeft, in_words
from lakeshare.report.text.page import Page
from tests.fakes.clock import FakeClock
from tests.unit.report.test_page import TerminalStream

DONE = Finished("a", "done", None, 0.1)


def test_nothing_is_guessed_before_anything_is_known() -> None:
    """A run that has just begun, or whose first steps took no time, promises nothing."""
    left = TimeLeft(100, 0.0)

    before = left.seconds(10.0)
    for _ in range(FEWEST):
        left.finished(1.0)

    assert (before, left.seconds(1.5)) == (None, None)


def test_a_steady_run_is_guessed_well() -> None:
    """At ten steps a second, 100 steps before the end, the guess is ten seconds and a little more."""
    left = TimeLeft(200, 0.0)
    for number in range(100):
        left.finished(number / 10)

    guess = left.seconds(10.0)

    assert guess is not None
    assert 10 <= guess <= 13


def test_a_guess_that_ran_out_is_not_renewed() -> None:
    """When the steps stop coming, the guess counts down and then says nothing, rather than count up."""
    left = TimeLeft(40, 0.0)
    for number in range(30):
        left.finished(number * 0.2)

    told = [left.seconds(6.0 + second) for second in range(20)]

    heard = [guess for guess in told if guess is not None]
    assert heard == sorted(heard, reverse=True)
    assert told[-1] is None


@given(st.lists(st.floats(0.0, 5.0), min_size=1, max_size=120))
def test_the_end_never_moves_away(gaps: list[float]) -> None:
    """Whatever the rhythm of the steps, a guess is never more than the one before it less the time that has passed."""
    left, now, end = TimeLeft(len(gaps) + 20, 0.0), 0.0, float("inf")
    for gap in gaps:
        now += gap
        left.finished(now)
        guess = left.seconds(now)
        if guess is not None:
            assert now + guess <= end + 1e-6
            end = now + guess


def test_guesses_are_no_finer_than_they_deserve() -> None:
    """Seconds come in fives, then minutes; next to nothing is a few seconds."""
    assert [in_words(guess) for guess in (None, 3.2, 41.7, 89.0, 100.0, 600.0)] == [
        "",
        "a few seconds left",
        "about 40 s left",
        "about 90 s left",
        "about 2 min left",
        "about 10 min left",
    ]


def test_a_tally_counts_and_says_what_holds_things_up() -> None:
    """Counts by outcome; a wait and a throttle are told while they are fresh, and not after."""
    tally = Tally()
    events: list[Event] = [
        RunStarted(5),
        DONE,
        Finished("b", "failed", None, 0.1),
        Finished("c", "skipped", None, 0.0),
        Waiting("the share to be active", 12.3),
        Throttled("222222222222", "lakeformation", "GrantPermissions", 0.5),
    ]
    for event in events:
        tally.hear(event, 100.0)

    assert tally.counts() == "3 of 5, 1 failed, 1 left out"
    assert tally.note(101.0) == (
        "waiting for the share to be active (12 s); AWS slows us down: lakeformation:GrantPermissions in 222222222222"
    )
    assert tally.note(200.0) == ""


def test_an_interrupted_run_promises_no_end() -> None:
    """After a stop was asked for the time left is the word for it."""
    tally = Tally()
    tally.hear(RunStarted(5), 0.0)
    tally.hear(Interrupted(4), 1.0)

    assert tally.left(2.0) == "stopping"


def test_lines_come_every_few_seconds() -> None:
    """Where nothing can be drawn, a line tells the counts every five seconds, and nothing is told between runs."""
    stream, clock = io.StringIO(), FakeClock()
    progress = LineProgress(Page(stream, environ={}), clock.monotonic)

    progress.look("something")
    progress(RunStarted(100))
    for _ in range(99):
        clock.advance(0.1)
        progress(DONE)
    clock.advance(60)
    progress(DONE)
    clock.advance(60)
    progress(Waiting("nothing that matters any more", 60))

    lines = stream.getvalue().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("51 of 100; a few seconds left")


def test_a_bar_is_drawn_on_a_terminal_and_taken_off_again() -> None:
    """A terminal gets counts that move; when the run is over the bar is gone and the stream is free for others."""
    stream = TerminalStream()
    page = Page(stream, environ={"TERM": "xterm", "COLUMNS": "100"})
    progress = progress_on(page)

    progress.look("looking at what is there")
    progress(RunStarted(2))
    progress(DONE)
    progress.hush()
    drawn = stream.getvalue()
    progress(RunStarted(1))
    progress(DONE)
    page.line("afterwards")

    assert isinstance(progress, BarProgress)
    assert "looking at what is there" in drawn
    assert "1 of 2" in drawn
    assert stream.getvalue().endswith("afterwards\n")


def test_a_stream_that_is_no_terminal_gets_lines() -> None:
    """A pipe, and a terminal that cannot move its cursor, get lines."""
    assert isinstance(progress_on(Page(io.StringIO(), environ={})), LineProgress)
    assert isinstance(progress_on(Page(TerminalStream(), environ={"TERM": "dumb"})), LineProgress)


def test_what_is_kept_is_no_failure() -> None:
    """A thing that was left in place on purpose counts among those left out."""
    tally = Tally()
    tally.hear(RunStarted(2), 0.0)

    tally.hear(Finished("consumer/eu-west-2/database:analytics", "failed", KeptError("kept: others use it"), 0.1), 1.0)

    assert tally.counts() == "1 of 2, 1 left out"
