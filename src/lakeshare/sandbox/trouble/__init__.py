"""
The trouble that AWS makes, made on demand: throttles, latency, propagation delays and faults; and the count of calls.

All of it is set over the control interface. Limits and latency run on real time, delays on the sandbox's clock.
"""

from lakeshare.sandbox.trouble.propagation import NO_DELAYS, Delays
from lakeshare.sandbox.trouble.store import Trouble
from lakeshare.sandbox.world import World

__all__ = ["NO_DELAYS", "Delays", "Trouble", "delays"]


def delays(world: World) -> Delays:
    """Return the propagation delays that hold in *world* now."""
    return world.store(Trouble).delays
