"""
What AWS's token bucket may be, judged by what became of the calls that were sent.

AWS tells neither how fast its bucket fills, nor how much it holds, nor whether it counts calls or the entries of
batches. So a few hundred candidates are kept, each a bucket of its own with another answer, and each call's fate speaks
for some and against others. A call goes out when enough of what is still believed says that it would be let in: about
half while little is known, nearly all of it later. That spends few throttles, since each takes away what was wrong, and
little time, since nobody waits longer than the belief asks for. Decision 0010 has the reasons, bench/limits.py figures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

_RATES = 40  # are tried at first ...
_FASTEST, _SLOWEST = 12.0, 1 / 200  # ... from so many times to such a part of the one that was expected
_BURSTS = (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0, 15.0, 20.0, 25.0, 35.0, 50.0)
_DOUBT = 0.4  # a rate n times another than expected is believed n**-0.4 times as much at first
_SHARE_PER_ENTRY = 0.2
_SHARE_UNLIMITED = 0.1
_UNLIMITED = 1e9  # tokens a second of a bucket that never refuses

_SURPRISE = 0.05  # how much of a candidate's belief survives an answer that it rules out
_DROPPED = 5e-3  # candidates believed less than this part of the best are given up
_LATEST = 0.2  # of the time that the dearest call takes, a call is sent later than half the belief asks for
_FEW = 70  # candidates; when there are no more, each is split into finer ones ...
_SOME = 250  # candidates; when there are no more, of each rate only the likeliest bursts are kept
_TWINS = 2
_WIDENED = 30  # candidates, the likeliest, around which is looked when the limit is another, by these factors
_SLOWER, _FASTER = (0.15, 0.25, 0.4, 0.6, 0.8, 1.0, 1.25), (0.8, 1.0, 1.25, 1.6, 2.5, 4.0)
_FINEST = 1.01  # ... until two of them differ by this factor
_SHORT = 0.4  # of the dearest call is what a bucket lacks that refused when it was thought to hold a token
_MISFIT = 0.06  # is what all candidates together gave an answer less than, when it was a surprise to all of them
_FORGIVEN = 0.1  # of a misfit, by each answer that fits: a blip of AWS's is forgotten after ten calls ...
_CHANGED = 1.7  # ... and with so many misfits not forgotten the limit is another than was thought
_STRAINED = 8.0  # throttles once the search is over, less one for three calls let in, and it is another as well


@dataclass(frozen=True, slots=True)
class Sent:
    """A call on its way: its number, when it went out (monotonic seconds), and how many entries it has."""

    number: int
    at: float
    entries: int


@dataclass(frozen=True, slots=True)
class LetIn:
    """A call that AWS let in, and when its answer was there."""

    sent: Sent
    answered_at: float


@dataclass(slots=True)
class _Candidate:
    """
    One answer to what the bucket is, with what it would hold now and how much it is believed.

    ``level`` is what it holds now, ``spilt`` what found no room in it since the last call went out or was let in.
    ``flying`` has both as they were when each call was sent that is not answered yet, by its number.
    """

    rate: float
    burst: float
    per_entry: bool
    level: float
    belief: float
    flying: dict[int, tuple[float, float]]
    spilt: float = 0.0

    def cost(self, entries: int) -> float:
        return float(entries) if self.per_entry else 1.0

    def fill(self, seconds: float) -> None:
        """Let *seconds* pass."""
        level = self.level + seconds * self.rate
        self.level = min(self.burst, level)
        self.spilt += level - self.level

    def send(self, sent: Sent) -> None:
        """Spend for *sent*."""
        self.flying[sent.number] = self.level, self.spilt
        self.level -= self.cost(sent.entries)
        self.spilt = 0.0

    def correct(self, sent: Sent, tokens: float) -> None:
        """It held so many *tokens* more than was thought when *sent* had gone out; what flew behind it met them too."""
        self.level += tokens
        for number, (level, spilt) in self.flying.items():
            if number > sent.number:
                self.flying[number] = min(self.burst, level + tokens), spilt

    def fit(self, level: float, spilt: float, seconds: float, *, was_let_in: bool) -> float:
        """
        Return how well its fate fits (0 to 1) a call that was sent at *level* tokens and answered *seconds* later.

        AWS looked at its bucket some time in between: a call that was let in may have come late, one that was refused
        may have come early. A bucket that had *spilt* cannot have been the one that refused.
        """
        beyond = 1.0 - level - seconds * self.rate if was_let_in else level + spilt - 0.75
        return min(1.0, max(_SURPRISE, 1.0 - 2.0 * beyond))


class Belief:
    """What is believed of one bucket of AWS's, from its first throttle on."""

    def __init__(self, expected: float, past: Iterable[LetIn | Sent], now: float) -> None:
        """Begin with candidates around *expected* tokens a second, which were full before the *past*."""
        self._step = (_FASTEST / _SLOWEST) ** (1 / (_RATES - 1))
        self._misfits = self._strain = 0.0
        self._largest = 1
        self._flying: dict[int, int] = {}  # how many entries each call has that is not answered yet, by its number
        # By sureness, when the next call may go out at the earliest: all who wait ask again and again.
        self._ready_at: dict[float, float] = {}
        self._candidates = [
            *self._spread(expected, per_entry=False, share=1 - _SHARE_PER_ENTRY),
            *self._spread(expected, per_entry=True, share=_SHARE_PER_ENTRY),
            _Candidate(_UNLIMITED, _UNLIMITED, False, _UNLIMITED, _SHARE_UNLIMITED, {}),
        ]
        calls = sorted(past, key=lambda call: call.sent.at if isinstance(call, LetIn) else call.at)
        self._settled_at = now
        if calls:
            self._settled_at = calls[0].sent.at if isinstance(calls[0], LetIn) else calls[0].at
        for call in calls:
            sent = call.sent if isinstance(call, LetIn) else call
            self.send(sent)
            if isinstance(call, LetIn):
                self._judge(sent, call.answered_at - sent.at, was_let_in=True, blame=1.0)

    def _spread(self, expected: float, *, per_entry: bool, share: float) -> list[_Candidate]:
        rates = [expected * _FASTEST / self._step**number for number in range(_RATES)]
        beliefs = [min(rate / expected, expected / rate) ** _DOUBT for rate in rates]
        scale = share / (sum(beliefs) * len(_BURSTS))
        return [
            _Candidate(rate, burst, per_entry, burst, belief * scale, {})
            for rate, belief in zip(rates, beliefs, strict=True)
            for burst in _BURSTS
        ]

    def send(self, sent: Sent) -> None:
        """Spend for *sent*, which goes out now."""
        self._pass(sent.at)
        self._ready_at.clear()
        self._largest = max(self._largest, sent.entries)
        self._flying[sent.number] = sent.entries
        for each in self._candidates:
            each.send(sent)

    def chance(self, sent: Sent) -> float:
        """Return the chance that *sent*, which flies, is let in."""
        total = sum(each.belief for each in self._candidates)
        return sum(each.belief for each in self._candidates if each.flying[sent.number][0] >= 1.0) / total

    def let_in(self, sent: Sent, now: float) -> None:
        """AWS has let *sent* in."""
        self._pass(now)
        self._judge(sent, now - sent.at, was_let_in=True, blame=1.0)

    def refused(self, sent: Sent, now: float, blame: float) -> None:
        """AWS has throttled *sent*; *blame* is the chance (0 to 1) that it was this bucket and no other."""
        self._pass(now)
        self._judge(sent, now - sent.at, was_let_in=False, blame=blame)

    def forget(self, sent: Sent) -> None:
        """Nobody knows what became of *sent*: it was paid for, and says nothing."""
        del self._flying[sent.number]
        for each in self._candidates:
            del each.flying[sent.number]

    def seconds_until(self, now: float, sureness: float) -> float:
        """
        Return how long to wait until candidates with the share *sureness* of the belief would let a call in.

        Not much longer than for half of them, though: who waits for the last doubt learns nothing by it.
        """
        if self._ready_at.get(sureness, now) <= now:
            self._pass(now)
            self._ready_at[sureness] = now + self._wait_seconds(sureness)
        return max(0.0, self._ready_at[sureness] - now)

    def _wait_seconds(self, sureness: float) -> float:
        wait = self._quantile(sureness, _until_let_in)
        if sureness <= 0.5:
            return wait
        patience = _LATEST * self.seconds_per_call(self._largest, 0.5)
        return min(wait, self._quantile(0.5, _until_let_in) + patience)

    def seconds_per_call(self, entries: int, sureness: float) -> float:
        """Return how long each call of *entries* takes in the long run."""
        return self._quantile(sureness, lambda each: each.cost(entries) / each.rate)

    def _quantile(self, share: float, seconds_of: Callable[[_Candidate], float]) -> float:
        """
        Return the seconds that are enough for *share* of the belief, among those who count what most say is counted.

        A minority that counts the other way is not waited for: asking costs one throttle, waiting would cost each call.
        """
        per_entry = sum(each.belief for each in self._candidates if each.per_entry)
        per_call = sum(each.belief for each in self._candidates if not each.per_entry)
        ordered = sorted(
            (seconds_of(each), each.belief) for each in self._candidates if each.per_entry == (per_entry > per_call)
        )
        wanted = share * max(per_entry, per_call)
        for seconds, belief in ordered:
            wanted -= belief
            if wanted <= 0:
                return seconds
        return ordered[-1][0]

    def _pass(self, now: float) -> None:
        seconds = now - self._settled_at
        if seconds > 0:
            self._settled_at = now
            for each in self._candidates:
                each.fill(seconds)

    def _judge(self, sent: Sent, seconds: float, *, was_let_in: bool, blame: float) -> None:
        self._ready_at.clear()
        del self._flying[sent.number]
        # AWS may have met those that fly together in another order: one that was let in before those that were sent
        # before it, one that was refused after those that were sent after it.
        met = [n for number, n in self._flying.items() if (number < sent.number) == was_let_in]
        met_calls, met_entries = float(len(met)), float(sum(met))
        before = sum(each.belief for each in self._candidates)
        for each in self._candidates:
            level, spilt = each.flying.pop(sent.number)
            met_tokens = met_entries if each.per_entry else met_calls
            level += met_tokens if was_let_in else -met_tokens
            each.belief *= 1.0 - (1.0 - each.fit(level, spilt, seconds, was_let_in=was_let_in)) * blame
            if was_let_in:
                each.spilt = 0.0  # it may have given a token as late as now
                each.correct(sent, max(0.0, 1.0 - level))  # and it held one, whatever we thought
                continue
            held = each.cost(sent.entries)  # for nothing was spent ...
            if blame > 0.5 and level > 1.0 and each.rate < _UNLIMITED:
                held -= level - (1.0 - _SHORT * (self._largest if each.per_entry else 1.0))  # ... but one was missing
            each.correct(sent, held)
        after = sum(each.belief for each in self._candidates)
        is_misfit = after < _MISFIT * before
        self._misfits = self._misfits + 1.0 if is_misfit else max(0.0, self._misfits - _FORGIVEN)
        if was_let_in:
            self._strain = max(0.0, self._strain - 1 / 3)
        elif len(self._candidates) <= _SOME:  # while there are more, throttles are what the search takes
            self._strain += 1.0
        if self._misfits > _CHANGED or self._strain > _STRAINED:
            self._widen(_FASTER if was_let_in else _SLOWER)
        self._thin(after)

    def _thin(self, total: float) -> None:
        best = max((each.belief for each in self._candidates if each.rate < _UNLIMITED), default=0.0)
        kept = [each for each in self._candidates if each.belief >= _DROPPED * best]
        if len(kept) <= _SOME:
            kept = _without_twins(kept)
        if len(kept) <= _FEW and self._step > _FINEST:
            self._step = max(self._step ** (1 / 3), _FINEST)
            kept = _split(kept, (1 / self._step, 1.0, self._step))
        for each in kept:
            each.belief /= total
        self._candidates = kept

    def _widen(self, factors: tuple[float, ...]) -> None:
        """Believe in what is a good deal faster, or slower: the limit is not what it was."""
        self._misfits = self._strain = 0.0
        limited = [each for each in self._candidates if each.rate < _UNLIMITED]
        likeliest = sorted(limited, key=lambda each: -each.belief)[:_WIDENED]
        self._candidates = _split(likeliest, factors) or self._candidates
        self._step = max(self._step, 1.25)


def _until_let_in(each: _Candidate) -> float:
    return (1.0 - each.level) / each.rate


def _split(candidates: Iterable[_Candidate], factors: tuple[float, ...]) -> list[_Candidate]:
    return [
        replace(each, rate=each.rate * factor, belief=each.belief / len(factors), flying=dict(each.flying))
        for each in candidates
        for factor in factors
    ]


def _without_twins(candidates: Iterable[_Candidate]) -> list[_Candidate]:
    """Keep the likeliest of those who differ by their burst only, and give them the belief of all."""
    by_rate: dict[tuple[float, bool], list[_Candidate]] = {}
    for each in candidates:
        by_rate.setdefault((each.rate, each.per_entry), []).append(each)
    kept = []
    for twins in by_rate.values():
        twins.sort(key=lambda each: -each.belief)
        rest = sum(each.belief for each in twins[_TWINS:])
        twins[0].belief += rest
        kept += twins[:_TWINS]
    return kept
