"""
Share an Amazon Connect analytics data lake (and any other Lake Formation lake) across AWS accounts, as code.

::

    from pathlib import Path
    import lakeshare

    settings = lakeshare.Settings(Path("lakeshare.yaml"))
    planned = lakeshare.plan(settings)
    applied = lakeshare.apply(settings, confirm=lambda plan: plan.deletes == 0)
    verified = lakeshare.verify(settings)
    drifted = lakeshare.drift(settings)

The names below are public; everything else may change. They are loaded when first used, so that importing lakeshare
costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lakeshare._version import __version__

if TYPE_CHECKING:
    from lakeshare.app import (
        Applied,
        Drift,
        Options,
        Outcome,
        Planned,
        Proof,
        QueryResult,
        Settings,
        Verified,
        apply,
        destroy,
        drift,
        plan,
        query,
        verify,
    )
    from lakeshare.errors import LakeshareError
    from lakeshare.spec import Spec, load_spec

__all__ = [
    "Applied",
    "Drift",
    "LakeshareError",
    "Options",
    "Outcome",
    "Planned",
    "Proof",
    "QueryResult",
    "Settings",
    "Spec",
    "Verified",
    "__version__",
    "apply",
    "destroy",
    "drift",
    "load_spec",
    "plan",
    "query",
    "verify",
]

_HOMES = {"LakeshareError": "lakeshare.errors", "Spec": "lakeshare.spec", "load_spec": "lakeshare.spec"}


def __getattr__(name: str) -> Any:
    """Load a public name from where it lives."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES.get(name, "lakeshare.app")), name)
