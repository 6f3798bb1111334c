"""One of AWS's token buckets as seen from here: plain until AWS throttles, what is believed of it from then on."""

from __future__ import annotations

from collections import deque
from typing import Protocol

from lakeshare.engine.belief import Belief, LetIn, Sent

_GAIN = 0.3  # of itself, by which a rate that was never throttled grows with each round of calls that had to wait
_MOST_GROWN, _MOST_EXPECTED = 100.0, 4.0  # times the rate that it began with
_REMEMBERED = 64  # calls before the first throttle: more would say little about it
# While throttles are fewer, so much of the belief must speak for a call ...
_SURENESS = ((3, 0.5), (5, 0.6), (7, 0.75), (9, 0.9))
_CURIOUS = 10  # calls let in in a row, after which one goes as if there had been none ...
_WARY = 0.97  # and so much from then on
_BOLD = 100  # calls let in in a row, after which they go out early until one is refused: the limit may have risen ...
_EARLY = 0.5  # ... by so much of the time that a call takes in the long run
_STUBBORN = 5  # throttles of calls that went out after the one before was known, and the next one pauses ...
_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.1, 10.0  # ... twice as long each time, whatever is believed
_DOUBTFUL = 0.9  # a call with less of a chance than this flies alone: if it is refused, so are those behind it
_ALONE_SECONDS = 0.005  # between looks whether it has landed
_UNANSWERED_SECONDS = 0.05  # between looks whether the first answer has come: until then no more than a burst is sent
_ROUNDING = 1e-6  # seconds: a wait may end a rounding error too early


class RateLike(Protocol):
    """How fast calls may go out; ``Rate`` is one."""

    @property
    def per_second(self) -> float:
        """Calls (or entries) per second, sustained."""

    @property
    def burst(self) -> float:
        """Calls (or entries) at once after a rest."""

    @property
    def is_most(self) -> bool:
        """Whether they never go faster than this; else it is where to start."""

    @property
    def is_per_entry(self) -> bool:
        """Whether it counts the entries of batches."""


class Bucket:
    """
    Says when the next call may go out, and learns from what becomes of those that did.

    Until AWS throttles it is a token bucket that starts at *rate* and grows with success, so that a careful guess is
    outgrown soon. A rate that ``is_most`` does not grow, and is kept to besides whatever is learnt.
    """

    def __init__(self, rate: RateLike, now: float) -> None:
        self._rate = rate
        self._pace = rate.per_second
        self._burst = max(rate.burst, 1.0)
        self._tokens = self._burst
        self._settled_at = now
        self._past: deque[LetIn] = deque(maxlen=_REMEMBERED)
        self._flying: dict[int, Sent] = {}
        self._doubtful: set[int] = set()  # of those that fly
        self._is_known = False  # whether AWS has answered at all
        self._sent = self._throttled = self._in_a_row = self._since_refused = 0
        self._stubborn = 0  # throttles in a row, of calls that were sent after the one before was known
        self._refused_at = self._paused_until = float("-inf")
        self._belief: Belief | None = None

    def seconds_until(self, now: float) -> float:
        """Return how long the next call has to wait, 0.0 when it may go out."""
        seconds = 0.0
        if self._belief is None or self._rate.is_most:
            self._settle(now)
            seconds = (1.0 - self._tokens) / self._pace
            if not self._is_known and len(self._flying) >= self._burst:
                seconds = max(seconds, _UNANSWERED_SECONDS)
        if self._belief is not None:
            seconds = max(seconds, self._believed_seconds_until(now), self._paused_until - now)
            if self._doubtful:
                seconds = max(seconds, _ALONE_SECONDS)
        return seconds if seconds > _ROUNDING else 0.0

    def _believed_seconds_until(self, now: float) -> float:
        assert self._belief is not None
        seconds = self._belief.seconds_until(now, self._sureness)
        if self._since_refused >= _BOLD:
            # A call that is let in when that was expected cannot say that the limit has risen; one that is early can.
            seconds -= _EARLY * self._belief.seconds_per_call(1, 0.5)
        return seconds

    def seconds_per_call(self, entries: int) -> float:
        """Return how long each call of *entries* takes in the long run."""
        seconds = self._cost(entries) / self._pace if self._belief is None or self._rate.is_most else 0.0
        return max(seconds, self._belief.seconds_per_call(entries, self._sureness) if self._belief else 0.0)

    def send(self, entries: int, now: float) -> Sent:
        """Spend for a call that goes out now."""
        self._sent += 1
        sent = self._flying[self._sent] = Sent(self._sent, now, entries)
        self._settle(now)
        self._tokens -= self._cost(entries)
        if self._belief is not None:
            self._belief.send(sent)
            if self._belief.chance(sent) < _DOUBTFUL:
                self._doubtful.add(sent.number)
        return sent

    def let_in(self, sent: Sent, now: float) -> None:
        """AWS has let *sent* in, whatever became of it then."""
        self._landed(sent)
        self._is_known = True
        self._in_a_row = 0 if self._in_a_row > _CURIOUS else self._in_a_row + 1
        self._since_refused += 1
        self._stubborn = 0
        if self._belief is not None:
            self._belief.let_in(sent, now)
            return
        self._past.append(LetIn(sent, now))
        self._settle(now)
        if not self._rate.is_most and self._tokens < max(1.0, self._burst / 2):
            # Somebody had to wait; else a success says nothing about a higher rate. One step for all that fly together.
            gain = 1.0 + _GAIN / (1 + len(self._flying))
            self._pace = min(self._pace * gain, self._rate.per_second * _MOST_GROWN)

    def chance(self, sent: Sent) -> float:
        """Return the chance that *sent*, which flies, is let in; 1.0 as long as nothing was ever refused."""
        return 1.0 if self._belief is None else self._belief.chance(sent)

    def refused(self, sent: Sent, now: float, blame: float) -> None:
        """AWS has throttled *sent*; *blame* is the chance that it was this bucket and no other."""
        self._throttled += 1
        self._in_a_row = self._since_refused = 0
        self._hold_back(sent, now)
        self._settle(now)
        self._tokens += self._cost(sent.entries)
        if self._belief is None:
            # What it grew to was too much, or AWS would not have throttled; where it began was a guess.
            expected = self._rate.per_second * min(_MOST_EXPECTED, (self._pace / self._rate.per_second) ** 0.5)
            self._belief = Belief(expected, [*self._past, *self._flying.values()], now)
            self._past.clear()
        self._landed(sent)
        self._is_known = True
        self._belief.refused(sent, now, blame)

    def _hold_back(self, sent: Sent, now: float) -> None:
        """Pause when throttles go on although each was answered by waiting: then what is believed is of no use."""
        if sent.at >= self._refused_at:
            self._refused_at = now
            self._stubborn += 1
        if self._stubborn >= _STUBBORN:
            pause = _PAUSE_SECONDS * 2.0 ** min(self._stubborn - _STUBBORN, 30)
            self._paused_until = now + min(pause, _LONGEST_PAUSE_SECONDS)

    def forget(self, sent: Sent) -> None:
        """Nobody knows whether AWS ever saw *sent*: it says nothing."""
        self._landed(sent)
        self._is_known = True
        if self._belief is not None:
            self._belief.forget(sent)

    def _landed(self, sent: Sent) -> None:
        del self._flying[sent.number]
        self._doubtful.discard(sent.number)

    @property
    def has_throttled(self) -> bool:
        """Whether a call was ever refused."""
        return self._belief is not None

    @property
    def _sureness(self) -> float:
        """The share of the belief that must speak for a call: little while throttles are few."""
        for throttles, share in _SURENESS:
            if self._throttled < throttles:
                return _SURENESS[0][1] if self._in_a_row >= _CURIOUS else share
        return _WARY

    def _cost(self, entries: int) -> float:
        return float(entries) if self._rate.is_per_entry else 1.0

    def _settle(self, now: float) -> None:
        self._tokens = min(self._burst, self._tokens + (now - self._settled_at) * self._pace)
        self._settled_at = now
