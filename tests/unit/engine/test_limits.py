from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from lakeshare.engine.limits import Limits, Rate
from tests.fakes.clock import FakeClock

PLACE = ("111111111111", "ap-southeast-2", "lakeformation")
GRANT = (*PLACE, "grant_permissions")
LIST = (*PLACE, "list_permissions")


class FakeQuota:
    """AWS's side: a token bucket of unknown size."""

    def __init__(self, clock: FakeClock, per_second: float, burst: float) -> None:
        self._clock = clock
        self._per_second = per_second
        self._burst = self._tokens = burst
        self._settled_at = clock.monotonic()
        self.throttled = 0

    def admits(self) -> bool:
        now = self._clock.monotonic()
        self._tokens = min(self._burst, self._tokens + (now - self._settled_at) * self._per_second)
        self._settled_at = now
        if self._tokens < 1 - 1e-9:
            self.throttled += 1
            return False
        self._tokens -= 1
        return True


def get_admitted(limits: Limits, quota: FakeQuota, calls: int) -> None:
    """Send calls until so many are admitted, as fast as the limits let them go."""
    while calls:
        admitted_at = limits.acquire(*GRANT)
        if quota.admits():
            calls -= 1
            limits.succeeded(*GRANT)
        else:
            limits.throttled(*GRANT, admitted_at=admitted_at)


def unlimited_service(per_second: float, burst: float):
    return lambda _account, _service, operation: Rate(1e6, 1e6) if operation == "*" else Rate(per_second, burst)


def test_burst_goes_at_once_and_the_rest_at_the_rate():
    """The first calls go at once, up to the burst; then each waits for its token."""
    clock = FakeClock()
    limits = Limits(unlimited_service(2, 5), clock)

    for _ in range(5):
        limits.acquire(*GRANT)
    assert clock.monotonic() == 0
    for _ in range(4):
        limits.acquire(*GRANT)

    assert clock.monotonic() == pytest.approx(2.0)


def test_operations_of_a_service_share_its_bucket():
    """
    A call spends of its operation's bucket and of its service's, so two operations together keep to the
    service's.
    """
    clock = FakeClock()
    limits = Limits(lambda _account, _service, operation: Rate(4, 1) if operation == "*" else Rate(1000, 1000), clock)

    for _ in range(4):
        limits.acquire(*GRANT)
        limits.acquire(*LIST)

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


def test_throttle_halves_both_rates():
    """A throttle halves the operation's rate and the service's, which other operations feel."""
    limits = Limits(lambda *_: Rate(8, 8), FakeClock())

    limits.throttled(*GRANT)

    assert limits.per_second(*GRANT) == 4
    assert limits.per_second(*LIST) == 4


def test_throttles_of_one_moment_count_once():
    """Calls that were in flight together when AWS had enough slow down once, not once each."""
    clock = FakeClock()
    limits = Limits(lambda *_: Rate(8, 8), clock)
    admitted = [limits.acquire(*GRANT) for _ in range(6)]
    clock.advance(0.02)

    for admitted_at in admitted:
        limits.throttled(*GRANT, admitted_at=admitted_at)

    assert limits.per_second(*GRANT) == 4


def test_rate_never_dies():
    """However often AWS throttles, some calls still go out."""
    limits = Limits(lambda *_: Rate(8, 8), FakeClock())

    for _ in range(100):
        limits.throttled(*GRANT)

    assert limits.per_second(*GRANT) > 0


def test_idle_successes_raise_nothing():
    """A success of a call that nobody had to wait for says nothing about a higher rate."""
    clock = FakeClock()
    limits = Limits(lambda *_: Rate(8, 8), clock)

    for _ in range(1000):
        limits.acquire(*GRANT)
        limits.succeeded(*GRANT)
        clock.advance(60)

    assert limits.per_second(*GRANT) == 8


@pytest.mark.parametrize("per_second", [2, 5, 8, 20])
@pytest.mark.parametrize("calls", [100, 1000])
def test_unknown_limit_is_found(per_second: float, calls: int):
    """Whatever AWS's limit is, calls go within a tenth of it, with few of them throttled on the way."""
    clock = FakeClock()
    quota = FakeQuota(clock, per_second, burst=per_second)
    limits = Limits(lambda _account, _service, operation: Rate(20, 20) if operation == "*" else Rate(10, 10), clock)

    get_admitted(limits, quota, calls)

    assert clock.monotonic() <= 1.1 * calls / per_second
    assert quota.throttled <= max(10, 0.02 * calls)


def test_careful_guess_is_outgrown():
    """Where AWS admits far more than was guessed, the rate gets there."""
    clock = FakeClock()
    quota = FakeQuota(clock, 50, burst=50)
    limits = Limits(lambda *_: Rate(10, 10), clock)

    get_admitted(limits, quota, 2000)

    assert clock.monotonic() <= 1.1 * 2000 / 50


def test_many_threads_keep_to_the_rate():
    """Many threads at once get no more tokens than there are."""
    clock = FakeClock()
    limits = Limits(unlimited_service(10, 1), clock)
    admitted: list[float] = []
    lock = threading.Lock()

    def call(_number: int) -> None:
        at = limits.acquire(*GRANT)
        with lock:
            admitted.append(at)

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
    limits.acquire(*GRANT)

    with pytest.raises(KeyboardInterrupt):
        limits.acquire(*GRANT)

    limits.acquire(*GRANT)
