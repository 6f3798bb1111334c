from __future__ import annotations

import heapq
import itertools
import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lakeshare.engine.limits import Admission, Limits, Rate
from lakeshare.engine.stop import StopSignal
from lakeshare.errors import WaitError
from tests.fakes.clock import FakeClock

PLACE = ("111111111111", "ap-southeast-2", "lakeformation")
GRANT = (*PLACE, "grant_permissions")
LIST = (*PLACE, "list_permissions")


LATENCY = 0.01


class FakeQuota:
    """AWS's side: a token bucket of unknown size that counts calls, or the entries of batches."""

    def __init__(self, clock: FakeClock, per_second: float, burst: float, *, per_entry: bool = False) -> None:
        self._clock = clock
        self.per_second = per_second
        self._burst = self._tokens = burst
        self._per_entry = per_entry
        self._settled_at = clock.monotonic()
        self.throttled = 0

    def admits(self, entries: int = 1) -> bool:
        now = self._clock.monotonic()
        self._tokens = min(self._burst, self._tokens + (now - self._settled_at) * self.per_second)
        self._settled_at = now
        if self._tokens < 1 - 1e-9:
            self.throttled += 1
            return False
        self._tokens -= entries if self._per_entry else 1
        return True


def get_admitted(
    limits: Limits, quota: FakeQuota, batches: list[int], clock: FakeClock, where: tuple[str, str, str, str] = GRANT
) -> None:
    """Send batches of so many entries until each is let in, as fast as the limits let them go, one at a time."""
    for entries in batches:
        is_let_in, is_repeat = False, False
        while not is_let_in:
            admission = limits.acquire(*where, entries=entries, is_repeat=is_repeat)
            clock.advance(LATENCY / 2)
            is_let_in, is_repeat = quota.admits(entries), True
            clock.advance(LATENCY / 2)
            if is_let_in:
                limits.let_in(admission)
            else:
                limits.throttled(admission)


def guessed(_account: str, _service: str, operation: str) -> Rate:
    """The rates that Lake Formation's calls begin with."""
    return Rate(20, 10) if operation == "*" else Rate(10, 5)


def unlimited_service(per_second: float, burst: float):
    return lambda _account, _service, operation: (
        Rate(1e6, 1e6) if operation == "*" else Rate(per_second, burst, is_most=True)
    )


def test_burst_goes_at_once_and_the_rest_at_the_rate():
    """The first calls go at once, up to the burst; then each waits for its token."""
    clock = FakeClock()
    limits = Limits(unlimited_service(2, 5), clock)

    for _ in range(5):
        limits.let_in(limits.acquire(*GRANT))
    assert clock.monotonic() == 0
    for _ in range(4):
        limits.let_in(limits.acquire(*GRANT))

    assert clock.monotonic() == pytest.approx(2.0)


def test_operations_of_a_service_share_its_bucket():
    """
    A call spends of its operation's bucket and of its service's, so two operations together keep to the
    service's.
    """
    clock = FakeClock()
    limits = Limits(
        lambda _account, _service, operation: Rate(4, 1, is_most=True) if operation == "*" else Rate(1000, 1000), clock
    )

    for _ in range(4):
        limits.let_in(limits.acquire(*GRANT))
        limits.let_in(limits.acquire(*LIST))

    assert clock.monotonic() == pytest.approx(7 / 4)


@pytest.mark.parametrize(
    "other",
    [
        ("222222222222", "ap-southeast-2", "lakeformation", "grant_permissions"),
        ("111111111111", "us-east-1", "lakeformation", "grant_permissions"),
        ("111111111111", "ap-southeast-2", "glue", "grant_permissions"),
    ],
)
def test_places_do_not_slow_each_other(other: tuple[str, str, str, str]):
    """Another account, Region or service has buckets of its own."""
    clock = FakeClock()
    limits = Limits(lambda *_: Rate(1, 1), clock)

    limits.acquire(*GRANT)
    limits.acquire(*other)

    assert clock.monotonic() == 0


def test_throttle_slows_the_whole_service():
    """After a throttle other operations of the service wait too: AWS does not say whose bucket was empty."""
    clock = FakeClock()
    limits = Limits(lambda *_: Rate(8, 8), clock)
    first, second = limits.acquire(*GRANT), limits.acquire(*GRANT)
    limits.let_in(first)

    limits.throttled(second)
    limits.acquire(*LIST)

    assert clock.monotonic() > 0


def test_an_operations_own_limit_is_told_from_its_services():
    """Where one operation alone is limited, the others of its service are soon as fast as before."""
    clock = FakeClock()
    limits = Limits(guessed, clock)
    narrow, wide = FakeQuota(clock, 2, burst=2), FakeQuota(clock, 1000, burst=1000)
    for _ in range(60):
        get_admitted(limits, narrow, [1], clock, GRANT)
        get_admitted(limits, wide, [1, 1, 1, 1], clock, LIST)

    began = clock.monotonic()
    get_admitted(limits, wide, [1] * 40, clock, LIST)

    assert clock.monotonic() - began < 40 / 8


def test_rate_never_dies():
    """However often AWS throttles, calls still go out, though seldom."""
    clock = FakeClock()
    limits = Limits(lambda *_: Rate(8, 8), clock)

    for _ in range(30):
        limits.throttled(limits.acquire(*GRANT))

    assert 10 < clock.monotonic() < 30 * 600


def test_idle_successes_raise_nothing():
    """A success of a call that nobody had to wait for says nothing about a higher rate."""
    clock = FakeClock()
    limits = Limits(lambda *_: Rate(8, 8), clock)

    for _ in range(1000):
        limits.let_in(limits.acquire(*GRANT))
        clock.advance(60)

    assert limits.per_second(*GRANT) == 8


def test_what_the_spec_says_is_never_gone_beyond():
    """A rate that is the most stays, however gladly AWS takes what is sent."""
    clock = FakeClock()
    limits = Limits(lambda *_: Rate(5, 2, is_most=True), clock)

    get_admitted(limits, FakeQuota(clock, 1000, burst=1000), [1] * 52, clock)

    assert clock.monotonic() >= 50 / 5 - 0.5


def test_the_spec_may_count_entries():
    """A rate of entries lets a batch of twenty go when its last one is paid for."""
    clock = FakeClock()
    limits = Limits(lambda *_: Rate(10, 10, is_most=True, is_per_entry=True), clock)

    get_admitted(limits, FakeQuota(clock, 1000, burst=1000), [20] * 6, clock)

    assert clock.monotonic() == pytest.approx((5 * 20 - 9) / 10, abs=0.2)


def test_lost_calls_say_nothing():
    """A call of which nobody knows whether AWS saw it leaves the limits as they are, and the line open."""
    clock = FakeClock()
    limits = Limits(guessed, clock)
    before = limits.per_second(*GRANT)

    limits.lost(limits.acquire(*GRANT))

    assert limits.per_second(*GRANT) == before
    assert isinstance(limits.acquire(*GRANT), Admission)


def test_a_stop_ends_the_wait_for_a_turn():
    """Who waits for its turn when a stop is requested gives up, and does not stand in anybody's way."""
    clock, stop = FakeClock(), StopSignal()
    limits = Limits(unlimited_service(0.01, 1), clock)
    limits.let_in(limits.acquire(*GRANT, stop=stop))
    stop.request()

    with pytest.raises(WaitError) as caught:
        limits.acquire(*GRANT, stop=stop)

    assert caught.value.was_interrupted
    assert clock.monotonic() < 1
    assert isinstance(limits.acquire(*GRANT), Admission)


def test_no_more_than_a_burst_goes_before_the_first_answer():
    """While AWS has not answered at all, a slow first call is not followed by all others at the guessed rate."""
    flying: list[Admission] = []

    class AnsweringClock(FakeClock):
        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)
            if self.monotonic() > 2 and flying:
                limits.let_in(flying.pop())

    clock = AnsweringClock()
    limits = Limits(lambda *_: Rate(10, 3), clock)
    flying += [limits.acquire(*GRANT) for _ in range(3)]

    limits.acquire(*GRANT)

    assert 2 < clock.monotonic() < 2.5


@pytest.mark.parametrize("per_second", [2, 5, 8, 20, 50])
@pytest.mark.parametrize("calls", [100, 1000])
def test_unknown_limit_is_found(per_second: float, calls: int):
    """Whatever AWS's limit is, calls go within a tenth of it, with few of them throttled on the way."""
    clock = FakeClock()
    quota = FakeQuota(clock, per_second, burst=per_second)
    limits = Limits(guessed, clock)

    get_admitted(limits, quota, [1] * calls, clock)

    assert clock.monotonic() <= 1.1 * calls / per_second
    assert quota.throttled <= max(10, 0.02 * calls)


@pytest.mark.parametrize("per_second", [5, 10, 50])
@pytest.mark.parametrize("burst", [1, 5, 20])
def test_entries_are_found_to_be_what_is_counted(per_second: float, burst: float):
    """Where AWS counts the entries of batches, work goes as near to that, though the first calls had one each."""
    clock = FakeClock()
    quota = FakeQuota(clock, per_second, burst, per_entry=True)
    limits = Limits(guessed, clock)
    get_admitted(limits, quota, [1] * 6, clock, LIST)
    batches = [20] * 50

    get_admitted(limits, quota, batches, clock)

    assert clock.monotonic() <= 1.1 * (6 + sum(batches)) / per_second + 2 * 20 / per_second
    assert quota.throttled <= 14


def test_many_that_fly_together_find_the_limit():
    """
    Sixteen workers whose calls take different times, the first ones longest, and overtake each other: most runs keep
    to 1.1 of what the limit takes and to ten throttles, and none is far from it.
    """
    runs = list(itertools.product([2, 5, 10], [5, 20], [False, True], range(5)))
    within = 0

    for per_second, burst, per_entry, seed in runs:
        batches = [1] * 6 + [20] * 50 if per_entry else [1] * 200
        clock = FlyingClock()
        quota, limits = FakeQuota(clock, per_second, burst, per_entry=per_entry), Limits(guessed, clock)
        fly(limits, quota, batches, clock, random.Random(seed), workers=16)  # noqa: S311 - the same on every run
        bound = (sum(batches) if per_entry else len(batches)) / per_second
        within += clock.monotonic() <= 1.1 * bound and quota.throttled <= max(10, 0.02 * len(batches))
        assert clock.monotonic() <= 1.25 * bound
        assert quota.throttled <= 20

    assert within >= 0.8 * len(runs)


class FlyingClock(FakeClock):
    """A clock by which answers arrive while somebody sleeps."""

    def __init__(self) -> None:
        super().__init__()
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = itertools.count()

    def at(self, when: float, do: Callable[[], None]) -> None:
        heapq.heappush(self._due, (when, next(self._numbers), do))

    def next_at(self) -> float:
        return self._due[0][0]

    def sleep(self, seconds: float) -> None:
        end = self.monotonic() + seconds
        while self._due and self.next_at() <= end:
            when, _, do = heapq.heappop(self._due)
            self.advance(max(0.0, when - self.monotonic()))
            do()
        self.advance(max(0.0, end - self.monotonic()))


def fly(
    limits: Limits, quota: FakeQuota, batches: list[int], clock: FlyingClock, chance: random.Random, *, workers: int
) -> None:
    """Send batches of so many entries until each is let in, up to *workers* at a time."""
    waiting, repeats, flying = batches[::-1], list[int](), set[int]()

    def send(entries: int, number: int, *, is_repeat: bool) -> None:
        admission = limits.acquire(*GRANT, entries=entries, is_repeat=is_repeat)
        flying.add(number)
        took = 2 * LATENCY * chance.uniform(0.5, 1.5) + (0.1 if number < workers else 0.0)  # connecting takes longer
        is_let_in: list[bool] = []

        def answer() -> None:
            flying.remove(number)
            if is_let_in[0]:
                limits.let_in(admission)
            else:
                limits.throttled(admission)
                repeats.append(entries)

        clock.at(clock.monotonic() + took * chance.uniform(0.4, 0.6), lambda: is_let_in.append(quota.admits(entries)))
        clock.at(clock.monotonic() + took, answer)

    for number in itertools.count():
        while flying and (len(flying) >= workers or not (waiting or repeats)):
            clock.sleep(max(0.0, clock.next_at() - clock.monotonic()))
        if repeats:
            send(repeats.pop(), number, is_repeat=True)
        elif waiting:
            send(waiting.pop(), number, is_repeat=False)
        else:
            return


@settings(max_examples=25, derandomize=True)
@example(per_second=1.0, burst=39.0, per_entry=False, full=37, rest=1)
@example(per_second=1.0, burst=1.0, per_entry=True, full=5, rest=1)
@given(
    per_second=st.floats(1, 100),
    burst=st.floats(1, 40),
    per_entry=st.booleans(),
    full=st.integers(5, 40),
    rest=st.integers(1, 19),
)
def test_no_limit_is_far_from_kept(*, per_second: float, burst: float, per_entry: bool, full: int, rest: int):
    """Of any limit, whatever it counts, most is used, and throttles stay few."""
    clock = FakeClock()
    quota = FakeQuota(clock, per_second, burst, per_entry=per_entry)
    limits = Limits(guessed, clock)
    batches = [1] * 6 + [20] * full + [rest]

    get_admitted(limits, quota, batches, clock)

    work = sum(batches) if per_entry else len(batches)
    dearest = 20 if per_entry else 1
    floor = 1.5 * LATENCY * len(batches)
    assert clock.monotonic() <= 1.3 * work / per_second + 6 * dearest / per_second + floor + 1
    assert quota.throttled <= 25


def test_a_limit_that_changes_is_found_again():
    """When AWS admits a quarter of what it did, throttles end soon; when it admits more again, that is used."""
    clock = FakeClock()
    quota = FakeQuota(clock, 20, burst=5)
    limits = Limits(guessed, clock)
    get_admitted(limits, quota, [1] * 200, clock)

    quota.per_second, before, began = 5, quota.throttled, clock.monotonic()
    get_admitted(limits, quota, [1] * 200, clock)

    assert clock.monotonic() - began <= 1.25 * 200 / 5
    assert quota.throttled - before <= 25


def test_many_threads_keep_to_the_rate():
    """Many threads at once get no more tokens than there are."""
    clock = FakeClock()
    limits = Limits(unlimited_service(10, 1), clock)
    admitted: list[float] = []
    lock = threading.Lock()

    def call(_number: int) -> None:
        limits.let_in(limits.acquire(*GRANT))
        with lock:
            admitted.append(clock.monotonic())

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(call, range(40)))

    assert len(admitted) == 40
    assert clock.monotonic() >= 39 / 10 - 1e-6


def test_who_leaves_the_line_lets_others_pass():
    """A call that is interrupted while it waits for its turn does not hold up the ones behind it."""

    class InterruptingClock(FakeClock):
        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)
            if len(self.sleeps) == 1:
                raise KeyboardInterrupt

    limits = Limits(unlimited_service(1, 1), InterruptingClock())
    limits.let_in(limits.acquire(*GRANT))

    with pytest.raises(KeyboardInterrupt):
        limits.acquire(*GRANT)

    limits.acquire(*GRANT)


def test_a_limit_that_rises_is_noticed():
    """Calls that are let in for long go out early now and then, so that a limit that has risen is made use of."""
    clock = FakeClock()
    limits, quota = Limits(guessed, clock), FakeQuota(clock, per_second=2, burst=10)
    get_admitted(limits, quota, [1] * 150, clock)
    quota.per_second = 10
    rose_at = clock.monotonic()

    get_admitted(limits, quota, [1] * 300, clock)

    assert clock.monotonic() - rose_at < 0.75 * 300 / 2
    assert quota.throttled <= 25


@pytest.mark.parametrize("one_in", [50, 20, 10])
def test_throttles_that_no_rate_explains_do_not_lead_to_more(one_in: int):
    """Where AWS throttles now and then without a reason, calls neither creep from then on nor storm against it."""
    clock, chance = FakeClock(), random.Random(one_in)  # noqa: S311 - the same on every run
    limits, quota = Limits(guessed, clock), MoodyQuota(clock, chance, one_in)

    get_admitted(limits, quota, [1] * 300, clock)

    assert quota.moods + quota.throttled <= 6 * 300 / one_in + 40
    assert clock.monotonic() < 2 * 300 / quota.per_second


class MoodyQuota(FakeQuota):
    """Five calls a second, but one in so many is refused for no reason."""

    def __init__(self, clock: FakeClock, chance: random.Random, one_in: int) -> None:
        super().__init__(clock, per_second=5, burst=5)
        self._chance, self._one_in = chance, one_in
        self.moods = 0

    def admits(self, entries: int = 1) -> bool:
        if self._chance.random() * self._one_in < 1:
            self.moods += 1
            return False
        return super().admits(entries)
