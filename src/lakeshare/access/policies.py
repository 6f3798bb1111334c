"""
The policies of a run, checked: those that a plan would send, and the live ones of the roles that the job rests on.

Judging is pure (`planning.policy_checks`). Here the documents are gathered, and AWS is asked what only AWS knows:
whether a managed policy exists, and what IAM Access Analyzer says.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final, TypeAlias

from lakeshare.access.analyzer import ask_analyzer
from lakeshare.catalogue.iam_names import IamNames
from lakeshare.errors import CallError
from lakeshare.planning.expand import place_of
from lakeshare.planning.policy_checks import Document, Finding, Remark, as_findings
from lakeshare.planning.policy_checks.mending import Mending, mending
from lakeshare.planning.policy_checks.sizes import check_attached
from lakeshare.planning.policy_checks.subjects import Subject, judge_all, subjects_of
from lakeshare.resources.documents import policy_document
from lakeshare.resources.iam_role import IamRole, policies_once, role_once
from lakeshare.resources.kind import Run
from lakeshare.resources.values import Place
from lakeshare.spec import Spec
from lakeshare.spec.ways import entered_accounts

_Seen: TypeAlias = tuple[list[Subject], list[Finding]]
_REFUSED: Final = ("AccessDenied", "AccessDeniedException")


def findings_for(
    run: Run,
    spec: Spec,
    wanted: Mapping[str, Any],
    observed: Mapping[str, Any],
    changing: Collection[str],
    *,
    leaving: Iterable[Any] = (),
    is_thorough: bool = False,
) -> tuple[Finding, ...]:
    """
    Return what is wrong with the policies of the job. Reads only, and writes nothing anywhere.

    *wanted* and *observed* are the resources of a plan by address, *changing* the addresses that it would write,
    *leaving* the resources that it would take away. Beside these, the trust policies of the operators' roles and of
    existing readers' roles are judged, but for statements of ours that the plan mends, and the policies of the latter;
    with *is_thorough* also the policies of the operators' roles, which costs some calls more.
    """
    subjects = [*subjects_of(wanted.values(), observed, changing)]
    sent = [wanted[address] for address in wanted if address in changing]
    relied_on, remarks = _relied_on(run, spec, mending(sent, leaving), is_thorough=is_thorough)
    return (
        *judge_all([*subjects, *relied_on], IamNames()),
        *remarks,
        *_missing_policies(run, sent),
        *ask_analyzer(run, [subject for subject in subjects if subject.is_to_be_sent]),
    )


def _relied_on(run: Run, spec: Spec, mends: Mending, *, is_thorough: bool) -> tuple[list[Subject], list[Finding]]:
    """Return the live policies of roles that the job uses and does not make, and what could not be read."""
    looks = [
        *(
            partial(_operator, run, place_of(spec, alias), mends, is_thorough=is_thorough)
            for alias in entered_accounts(spec)
        ),
        *(partial(_reader, run, place_of(spec, alias), mends, role) for alias, role in _existing_readers(spec)),
    ]
    seen = run.aws.in_parallel(lambda look: look(), looks)
    return [one for subjects, _ in seen for one in subjects], [one for _, findings in seen for one in findings]


def _existing_readers(spec: Spec) -> Iterable[tuple[str, str]]:
    return dict.fromkeys(
        (share.to.account, reader.role_name)
        for share in spec.shares.values()
        for reader in share.readers
        if reader.role and reader.create is None
    )


def _operator(run: Run, place: Place, mends: Mending, *, is_thorough: bool) -> _Seen:
    """Look at the role that the operator is; IAM users and roots have no trust policy."""
    identity = run.aws.identity(place.alias)
    if ":role/" not in identity.principal_arn:
        return [], []
    role = identity.principal_arn.rpartition("/")[2]
    trust = _trust(place, role, identity.trust, mends)
    return _together(trust, _policies(run, place, role)) if is_thorough else trust


def _reader(run: Run, place: Place, mends: Mending, role: str) -> _Seen:
    row = role_once(run, place, role)
    if row is None:
        return [], []
    return _together(_trust(place, role, row["AssumeRolePolicyDocument"], mends), _policies(run, place, role))


def _together(one: _Seen, other: _Seen) -> _Seen:
    return [*one[0], *other[0]], [*one[1], *other[1]]


def _unread(address: str, what: str) -> _Seen:
    return [], [*as_findings([Remark("unchecked.policy", f"{what} could not be read")], address)]


def _trust(place: Place, role: str, content: object, mends: Mending) -> _Seen:
    address = f"{place.alias}/global/role:{role}"
    if content is None:
        return _unread(address, f"the trust policy of {role}")
    document = Document("trust", place.account_id, policy_document(content))
    judged = replace(document, left_out=mends.left_out(place, role, document))
    return [Subject(address, place, judged)], []


def _policies(run: Run, place: Place, role: str) -> _Seen:
    address = f"{place.alias}/global/role:{role}"
    try:
        policies = policies_once(run, place, role)
    except CallError as error:
        if error.aws_code not in _REFUSED:
            raise
        return _unread(address, f"the policies of {role}")
    inline = [
        Subject(f"{place.alias}/global/policy:{role}/{name}", place, Document("identity", place.account_id, content))
        for name, content in policies.items()
        if not name.startswith("arn:")
    ]
    # AWS's own policies are AWS's to check; that they are wide shows in their names.
    managed = [
        Subject(address, place, Document("managed", place.account_id, content))
        for name, content in policies.items()
        if name.startswith("arn:") and ":iam::aws:" not in name
    ]
    return [*inline, *managed], [*as_findings(check_attached(len(policies) - len(inline)), address)]


def _missing_policies(run: Run, items: Iterable[Any]) -> list[Finding]:
    """Ask for each managed policy that a role is to have, once, whether there is one."""
    found: list[Finding] = []
    for item in items:
        arn = item.permissions_boundary if isinstance(item, IamRole) else None
        if arn and not managed_policy_exists(run, item.place, arn):
            said = f"{arn}, the permissions boundary, does not exist"
            found += as_findings([Remark("name.managed-policy", said)], item.address)
    return found


def managed_policy_exists(run: Run, place: Place, arn: str) -> bool:
    """Tell whether the managed policy *arn* exists; what may not be looked at counts as there."""
    return run.once(("managed policy", place.account_id, arn), lambda: _exists(run, place, arn))


def _exists(run: Run, place: Place, arn: str) -> bool:
    try:
        run.aws.call(place.alias, place.region, "iam", "get_policy", PolicyArn=arn)
    except CallError as error:
        if error.aws_code == "NoSuchEntity":
            return False
        if error.aws_code not in _REFUSED:
            raise
    return True
