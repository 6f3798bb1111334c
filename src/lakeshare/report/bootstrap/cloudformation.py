"""A CloudFormation template."""

from __future__ import annotations

from typing import Any

import yaml

from lakeshare.errors import UsageError
from lakeshare.planning.bootstrap import Bootstrap

PARAMETER = "ExternalId"


def render_cloudformation(wanted: Bootstrap) -> str:
    """
    Return a template with the role. It has a name of its own, so the stack needs CAPABILITY_NAMED_IAM.

    The ExternalId is a parameter that CloudFormation never shows again (documented: NoEcho). Texts are taken as they
    are, without Fn::Sub, but for dynamic references, which nothing escapes (documented: dynamic references): a template
    that would have one is refused, with UsageError.
    """
    role = {
        "RoleName": wanted.role_name,
        "Path": wanted.path,
        "Description": "Shares data lakes across accounts; made for lakeshare",
        "AssumeRolePolicyDocument": wanted.trust({"Ref": PARAMETER}),
        "Policies": [{"PolicyName": wanted.policy_name, "PolicyDocument": dict(wanted.policy)}],
        "Tags": [{"Key": key, "Value": value} for key, value in wanted.tags],
    }
    asks = {"Parameters": {PARAMETER: _PARAMETER}} if wanted.asks_for_id else {}
    template: dict[str, Any] = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"The operator role of account {wanted.account_id} for lakeshare ({wanted.spec_name})",
        **asks,
        "Resources": {"Operator": {"Type": "AWS::IAM::Role", "Properties": role}},
        "Outputs": {"RoleArn": {"Value": {"Fn::GetAtt": ["Operator", "Arn"]}}},
    }
    text = yaml.dump(template, Dumper=_Plain, sort_keys=False, width=120)
    if "{{resolve:" in text:
        raise UsageError(
            "a name or path has {{resolve: in it, which CloudFormation would put something else in the place of",
            hint="print it with --as awscli or --as terraform",
        )
    return text


_PARAMETER = {
    "Type": "String",
    "NoEcho": True,
    "MinLength": 2,
    "MaxLength": 1224,
    "AllowedPattern": r"[A-Za-z0-9_+=,.@:/-]+",
    "Description": "The ExternalId that lakeshare shows when it enters this account",
}


class _Plain(yaml.SafeDumper):
    """Writes everything out: a reviewer should not have to follow anchors."""

    def ignore_aliases(self, _data: Any) -> bool:
        return True
