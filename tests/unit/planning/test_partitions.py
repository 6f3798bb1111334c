"""ARNs and services are those of the partition that the Region is in."""

from __future__ import annotations

from typing import Any

import pytest

from lakeshare.planning.expand import expand
from lakeshare.planning.graph import ResourceGraph
from lakeshare.resources.registry import to_json
from lakeshare.resources.trust import SIGN_IN
from lakeshare.resources.values import resolve
from tests.unit.planning.house import CONSUMER, INSTANCE, PRODUCER, connect_share, facts_of, spec_of

PARTITIONS = {"eu-west-2": "aws", "us-gov-west-1": "aws-us-gov", "cn-north-1": "aws-cn"}


def graph_of(region: str) -> ResourceGraph:
    """Return what a spec with readers of every sort asks for in *region*."""
    partition = PARTITIONS[region]
    people = {"saml": "okta", "sso": ["Analyst"], "accounts": {"444444444444": {"organization": "o-a1b2c3d4e5"}}}
    key = f"arn:{partition}:kms:{region}:{CONSUMER}:key/k"
    readers = [
        {"role": "function", "create": {"service": "lambda.amazonaws.com"}},
        {"role": "job", "create": {"service": "glue.amazonaws.com", "scripts": "s3://scripts/"}},
        {"role": "people", "create": {"people": people}},
        {"role": "existing", "complete": {"service": "lambda.amazonaws.com"}},
        {"sso": "Analyst"},
        {"quicksight": "default/jane"},
        {"saml": "okta:group/analysts"},
        {"identity_center": "group/01234567-89ab-cdef-0123-456789abcdef"},
        {"user": "jane"},
    ]
    to = {"account": "consumer", "database": "links", "athena": {"results_key": key}}
    account = {"id": CONSUMER, "region": region, "location_role": {"locations": ["s3://lake/x/"]}}
    spec = spec_of(
        {"s": connect_share(readers=readers, to=to, prove_denial=True)},
        producer={"id": PRODUCER, "region": region},
        consumer=account,
    )
    base = f"arn:{partition}:iam::{CONSUMER}"
    sso = f"{base}:role/aws-reserved/sso.amazonaws.com/{region}/AWSReservedSSO_Analyst_0123456789abcdef"
    facts = facts_of(
        operators={
            "producer": f"arn:{partition}:iam::{PRODUCER}:role/operator",
            "consumer": f"{base}:role/operator",
        },
        data_sets={("producer", INSTANCE): ("contact_record", "users")},
        reader_roles={("consumer", "existing"): f"{base}:role/existing"},
        sso_roles={("consumer", "Analyst"): (sso,)},
        reader_users={("consumer", "jane"): f"{base}:user/jane"},
    )
    return expand(spec, facts)


def _arns(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [arn for inner in value.values() for arn in _arns(inner)]
    if isinstance(value, list | tuple):
        return [arn for inner in value for arn in _arns(inner)]
    return [value] if isinstance(value, str) and value.startswith("arn:") else []


@pytest.mark.parametrize("region", PARTITIONS)
def test_every_arn_is_of_the_partition(region: str) -> None:
    """Roles, policies, trust, grants: no ARN anywhere is of another partition."""
    graph = graph_of(region)
    found = {arn.split(":")[1] for item in graph.resources.values() for arn in _arns(to_json(item))}
    for item in graph.resources.values():
        known = resolve(item, lambda _unknown: "333333333333")
        if known.kind == "iam_policy":
            found |= {arn.split(":")[1] for arn in _arns(known.document())}
        if known.kind == "iam_role":
            found |= {trustee.name.split(":")[1] for trustee in known.trustees if trustee.name.startswith("arn:")}

    assert graph.blockers == ()
    assert found == {PARTITIONS[region]}


@pytest.mark.parametrize("region", PARTITIONS)
def test_people_sign_in_where_the_partition_does(region: str) -> None:
    """The audience of a SAML assertion is the partition's own page (documented)."""
    role: Any = graph_of(region).resources["consumer/global/role:people"]
    (provider,) = [trustee for trustee in role.trustees if trustee.sort == "saml"]

    audience = provider.statement(None)["Condition"]["StringEquals"]["SAML:aud"]

    assert audience == SIGN_IN[PARTITIONS[region]]
    assert len(set(SIGN_IN.values())) == len(SIGN_IN)
