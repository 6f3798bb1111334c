"""What the operator of an account must be allowed, and whether it is."""

from __future__ import annotations

from typing import Any, cast

from lakeshare.app.survey import used_accounts
from lakeshare.app.workspace import Settings
from lakeshare.catalogue.nearest import nearest
from lakeshare.errors import UsageError
from lakeshare.planning.imagined import imagined_graph, operator_arn
from lakeshare.planning.least_policy import least_policy
from lakeshare.planning.operator_rights import Purpose, operator_rights
from lakeshare.spec import Spec, load_spec


def policy(settings: Settings, account: str, purpose: str = "apply") -> dict[str, Any]:
    """
    Return the least IAM policy document that the operator needs in *account* to *purpose* this spec.

    Asks nothing of AWS. Raises SpecError, and UsageError for an account that no share is from or to.
    """
    spec = load_spec(settings.spec_path, settings.environ, shown_as=settings.shown_as)
    _check_account(spec, account)
    resources = imagined_graph(spec).resources.values()
    return least_policy(
        operator_rights(spec, account, operator_arn(spec, account), resources, cast("Purpose", purpose))
    )


def _check_account(spec: Spec, account: str) -> None:
    if account in used_accounts(spec):
        return
    if account in spec.accounts:
        raise UsageError(f"no share is from or to {account}, so nothing is needed there")
    meant = nearest(account, spec.accounts)
    listed = f"the spec has {', '.join(spec.accounts)}"
    raise UsageError(f"the spec has no account {account}", hint=f'did you mean "{meant}"?' if meant else listed)
