"""What trouble holds in one world."""

from __future__ import annotations

from lakeshare.sandbox.errors import ServiceError
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.trouble.counts import Counts
from lakeshare.sandbox.trouble.faults import Faults
from lakeshare.sandbox.trouble.limits import Limits
from lakeshare.sandbox.trouble.propagation import NO_DELAYS
from lakeshare.sandbox.world import World

RATE_EXCEEDED = rule(
    "front.rate.exceeded",
    "A call over the limits set at the control interface is throttled, in the service's own words.",
    tag="documented",
    source="lake-formation.md 5, throttle codes; https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html",
)
_THROTTLES = {
    "athena": ("TooManyRequestsException", "Rate exceeded", 400),
    "iam": ("Throttling", "Rate exceeded", 400),
    "s3": ("SlowDown", "Please reduce your request rate.", 503),
    "sts": ("Throttling", "Rate exceeded", 400),
}
_THROTTLED_ELSEWHERE = ("ThrottlingException", "Rate exceeded", 400)
_THROTTLE_CODES = frozenset(
    {"SlowDown", "Throttling", "ThrottlingException", "ThrottledException", "TooManyRequestsException"}
)


def is_throttle(error: ServiceError) -> bool:
    """Say whether *error* tells the caller to slow down, whether a limit said it or a fault."""
    return error.code in _THROTTLE_CODES


class Trouble:
    """The limits, latency, delays and faults that hold, and the calls counted."""

    def __init__(self, _world: World) -> None:
        self.limits = Limits()
        self.latency_ms = 0.0
        self.delays = NO_DELAYS
        self.faults = Faults()
        self.counts = Counts()

    def admit(self, account: str, region: str, service: str, operation: str, entries: int) -> None:
        """Raise the throttle of *service* when the call is over a limit."""
        if not self.limits.admit(account, region, f"{service}:{operation}", entries):
            raise RATE_EXCEEDED.refuse(*_THROTTLES.get(service, _THROTTLED_ELSEWHERE))
