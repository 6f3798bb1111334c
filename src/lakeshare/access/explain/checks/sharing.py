"""
RAM's gate: another account's table takes a share that holds it, accepted and associated. Pure.

(documented: https://docs.aws.amazon.com/lake-formation/latest/dg/optimize-ram.html; invitations live twelve hours,
https://docs.aws.amazon.com/ram/latest/userguide/working-with-shared-invitations.html)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fnmatch import fnmatchcase

from lakeshare.access.explain import mending
from lakeshare.access.explain.checks.iam import Call, context_of
from lakeshare.access.explain.effective import held
from lakeshare.access.explain.observed import Entry, Seen, Shares, Spot
from lakeshare.access.explain.verdict import Check
from lakeshare.access.iam.logic import Known, all_of
from lakeshare.access.iam.resource_policies import grants
from lakeshare.resources.values import Unreadable

READ_TABLE = "glue:GetTable"
GATE = "no resource-based policy allows the glue:GetTable action"


def share_checks(seen: Seen) -> Iterator[Check]:
    """Whether the owner's share lets the principal's account see the table."""
    target = seen.target
    if target is None or not seen.is_abroad:
        return
    looked_at = f"RAM in {target.region}: shares of {target.catalog} with {seen.asker.account_id}, and invitations"
    if isinstance(seen.shares, Unreadable):
        yield _unseen(seen, looked_at, seen.shares)
        return
    holding = [arn for arn, resources in seen.shares.resources.items() if _holds(resources, target)]
    active = [arn for arn in holding if _is_active(seen.shares, arn)]
    lets_in = _lets_in(seen, target)
    if active:
        yield Check("share", "pass", looked_at, f"{active[0]} is active and holds it")
    elif lets_in:
        why = f"no share names it, and the policy of the catalog of {target.catalog} lets {seen.asker.arn} read it"
        yield Check("share", "pass", looked_at, why)
    elif is_opened_to_tags(seen, target) and (isinstance(seen.from_home, Entry) or _carries_tags(seen, target)):
        yield Check("share", "pass", looked_at, "a share by LF-tags is active, and the table carries these")
    elif isinstance(seen.from_home, Entry) and lets_in is None:
        # Version 1 and 2 share by LF-tags through the catalog's policy, without RAM (documented).
        yield Check("share", "pass", looked_at, "no share names it, yet it shows from this account")
    else:
        yield _closed(seen, seen.shares, holding, looked_at, target)


def _carries_tags(seen: Seen, target: Spot) -> bool:
    """Tell whether the owner granted the account something on the table by LF-tags, as the owner's own list shows."""
    lake = seen.owners
    if lake is None or isinstance(lake.grants, Unreadable):
        return False
    by_tags = replace(lake, grants=tuple(row for row in lake.grants if row.tagged))
    columns = seen.found.columns if isinstance(seen.found, Entry) else ()
    return held(by_tags, target, {seen.asker.account_id}, columns or ("*",)).is_any


def is_opened_to_tags(seen: Seen, target: Spot) -> bool:
    """Tell whether the owner opened its catalog to the account by LF-tags; True where RAM could not be asked."""
    if isinstance(seen.shares, Unreadable):
        return True
    catalog = f"arn:{target.partition}:glue:{target.region}:{target.catalog}:catalog"
    shares = seen.shares
    return any(catalog in resources and _is_active(shares, arn) for arn, resources in shares.resources.items())


def _is_active(shares: Shares, arn: str) -> bool:
    return shares.states.get(arn) == "ACTIVE" and _is_associated(shares, arn)


def _lets_in(seen: Seen, target: Spot) -> Known:
    """Tell whether the owner's catalog policy lets the principal read the table; None where it does not show."""
    policy = seen.owners.policy if seen.owners else None
    if not isinstance(policy, tuple) or not seen.asker.is_of_iam:
        return None
    found = []
    for arn in target.arns():
        context = context_of(seen.asker, Call(READ_TABLE, arn), target.region)
        found.append(grants(policy, seen.asker.arn, READ_TABLE, arn, context, in_person=False))
    return all_of(found)


def _unseen(seen: Seen, looked_at: str, why: Unreadable) -> Check:
    if isinstance(seen.from_home, Entry):
        return Check("share", "pass", looked_at, "RAM could not be asked, but the table shows from this account")
    return Check("share", "unknown", looked_at, why.reason)


def _closed(seen: Seen, shares: Shares, holding: list[str], looked_at: str, target: Spot) -> Check:
    account, region = seen.asker.account_id, target.region
    detail, fix = f"{target.catalog} shares nothing with {account} that holds it", "lakeshare apply"
    for arn in holding:
        state = shares.states.get(arn, "")
        association, message = shares.associations.get(arn, ("", ""))
        if state != "ACTIVE" or association not in ("", "ASSOCIATED"):
            detail = f"the share {arn} is {state}, its association {association or 'not to be seen'} {message}".rstrip()
            fix = mending.aws(
                "ram", "get-resource-shares", region, resource_owner="OTHER-ACCOUNTS", resource_share_arns=arn
            )
    for invitation in shares.invitations:
        if invitation.status == "PENDING":
            fix = mending.accept(invitation.arn, region)
            detail = f"the invitation to {invitation.share} waits to be accepted (it lives twelve hours)"
            break
        if invitation.status in ("EXPIRED", "REJECTED") and invitation.share not in shares.states:
            detail = f"the invitation to {invitation.share} is {invitation.status.lower()}"
            fix = f"lakeshare apply --recover-share {invitation.share}"
    return Check("share", "fail", looked_at, detail, fix, account, answer=GATE)


def _is_associated(shares: Shares, arn: str) -> bool:
    return shares.associations.get(arn, ("ASSOCIATED", ""))[0] == "ASSOCIATED"


def _holds(resources: tuple[str, ...], target: Spot) -> bool:
    """
    Tell whether a share's resources include the table: by name, all of its database, or a pattern (version 5).

    The catalog itself is on shares by LF-tags: these hold what carries the tags, and no name tells what does.
    """
    prefix = f"arn:{target.partition}:glue:{target.region}:{target.catalog}:"
    table = f"{prefix}table/{target.database}/{target.table}"
    return any(resource == table or ("*" in resource and fnmatchcase(table, resource)) for resource in resources)
