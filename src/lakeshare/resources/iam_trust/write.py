"""
Adds single statements to trust policies, and takes them out again.

UpdateAssumeRolePolicy takes the whole document and knows no condition, so the policy is read again right before it is
written, and all statements of one role are written at once: IAM may answer a second reading with what was there before
the first writing (documented: eventual consistency).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from lakeshare.engine.batches import Lane
from lakeshare.engine.execute import Done, Failed
from lakeshare.errors import LakeshareError
from lakeshare.resources.documents import with_statement, without_statement
from lakeshare.resources.iam_trust.model import IamTrust
from lakeshare.resources.iam_trust.read import trust_policy
from lakeshare.resources.kind import Results, Run
from lakeshare.resources.values import Kept, Step

NOBODY_ELSE = "kept: nobody else may assume the role any more, and IAM takes no trust policy without a statement"
MOST_AT_ONCE = 100
"""As many statements as there can be: IAM's limit of size is far below."""


def lane(step: Step) -> Lane:
    """All statements of one role together, and never two writings at a time."""
    item: IamTrust = step.resource
    return Lane(("iam_trust", item.place, item.role), size=MOST_AT_ONCE, in_flight=1)


def write_trusts(run: Run, steps: Sequence[Step]) -> Results:
    """Perform the steps, which are of one role, in one reading and one writing."""
    try:
        return _written(run, steps)
    except LakeshareError as error:
        return {step.address: Failed(error) for step in steps}


def _written(run: Run, steps: Sequence[Step]) -> Results:
    role: IamTrust = steps[0].resource
    before = trust_policy(run, role)
    document, results = before, Results()
    for step in steps:
        item: IamTrust = step.resource
        if step.action != "delete":
            if document is None:
                raise _gone(item)
            document = with_statement(document, item.sid, item.trustee.statement(_external_id(run, item)))
            results[step.address] = Done(replace(item, live=item.trustee.text, stands_under=item.sid))
            continue
        rest = None if document is None else without_statement(document, item.sid)
        is_last = rest is not None and not rest["Statement"]
        results[step.address] = Done(Kept(item, NOBODY_ELSE) if is_last else None)
        document = document if is_last else rest
    if document is not None and document != before:
        _put(run, role, document)
    return results


def _gone(item: IamTrust) -> LakeshareError:
    hint = "make it again, or take it out of the spec"
    return LakeshareError(f"the role {item.role} is gone", hint=hint, address=item.address)


def _external_id(run: Run, item: IamTrust) -> str | None:
    digest = item.trustee.external_id_digest
    if digest is None:
        return None
    secret = run.secrets.get(digest)
    if secret is None:
        raise LakeshareError(
            f"the ExternalId of {item.sid} in the trust policy of {item.role} is not at hand",
            hint="set the variable that `external_id` in the spec names",
            account=item.place.account_id,
        )
    return secret


def _put(run: Run, item: IamTrust, document: Mapping[str, Any]) -> None:
    place = item.place
    text = json.dumps(document, separators=(",", ":"))
    run.aws.call(place.alias, place.region, "iam", "update_assume_role_policy", RoleName=item.role, PolicyDocument=text)
