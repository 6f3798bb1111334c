"""The ledger that the global flags mean."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path

from lakeshare.catalogue.nearest import nearest
from lakeshare.cli.shell import Shell
from lakeshare.errors import UsageError
from lakeshare.spec import load_spec
from lakeshare.state.ledger import Ledger, new_run_id


def opened_ledger(shell: Shell) -> Ledger:
    """
    Open the ledger that ``--state`` names, or the spec's own; an empty one where there is none yet.

    The spec is only read when its name is needed.
    """
    from lakeshare.app.ledgers import ledger_at

    path = Path(shell.file)
    name = "" if shell.state else load_spec(path, os.environ, shown_as=shell.file).name
    return ledger_at(
        shell.state,
        path.resolve().parent,
        name,
        create=False,
        run_id=new_run_id(time.time()),
        endpoint_url=shell.endpoint_url,
    )


def not_listed(address: str, known: Iterable[str]) -> UsageError:
    """Return the error for an address that the ledger does not have."""
    close = nearest(address, known)
    return UsageError(
        f"the ledger has no {address}" + (f"; did you mean {close}?" if close else ""),
        hint="`lakeshare state list` lists what it has",
    )
