"""
Whose key it takes to read and write a Data Catalog that is encrypted.

What decides is how the catalog is encrypted now, as AWS's guides have it of any client. That Glue leaves what was
written before unencrypted, and what was written under another key under that one, is not kept here thing by thing.
"""

from __future__ import annotations

import json
from typing import Final

from lakeshare.sandbox.arns import account_of, partition_in
from lakeshare.sandbox.calls import Caller
from lakeshare.sandbox.errors import ServiceError
from lakeshare.sandbox.moto_bridge import AWS_OWN_KEY, KeyEntry, Moto
from lakeshare.sandbox.policy.context import Given, GivenKeys
from lakeshare.sandbox.policy.decide import authorize_key
from lakeshare.sandbox.policy.documents import read_policy
from lakeshare.sandbox.policy.evaluate import Verdict, evaluate
from lakeshare.sandbox.policy.forwarded import in_the_callers_name, to_kms
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.glue.catalog import Place
from lakeshare.sandbox.world import World

RULE_READ = rule(
    "glue.catalog.key-to-read",
    "Reading from a Data Catalog that is encrypted with a key of KMS takes the caller's kms:Decrypt on it, also where "
    "Athena reads in the caller's name, and from another account.",
    tag="documented",
    source="https://docs.aws.amazon.com/glue/latest/dg/set-up-encryption.html and "
    "https://docs.aws.amazon.com/athena/latest/ug/access-encrypted-data-glue-data-catalog.html; code and wording are "
    "observed: data.all issue 1436; that deleting takes no more is inferred",
)
RULE_WRITE = rule(
    "glue.catalog.key-to-write",
    "Writing to a Data Catalog that is encrypted with a key of KMS takes the caller's kms:GenerateDataKey and "
    "kms:Encrypt on it, beside kms:Decrypt.",
    tag="documented",
    source="https://docs.aws.amazon.com/glue/latest/dg/set-up-encryption.html; code and wording as in reading",
)
RULE_ROLE = rule(
    "glue.catalog.key-of-service-role",
    "Where a service role is named for it, Glue uses the catalog's key as that role, which must trust "
    "glue.amazonaws.com and may use the key; callers need no right on it.",
    tag="documented",
    source="https://docs.aws.amazon.com/glue/latest/dg/encrypt-glue-data-catalog.html; the wording is inferred",
)
READING: Final = ("kms:Decrypt",)
WRITING: Final = ("kms:Decrypt", "kms:GenerateDataKey", "kms:Encrypt")
_SERVICE = "glue.amazonaws.com"
_CODE = "GlueEncryptionException"


def check_key(world: World, caller: Caller, place: Place, actions: tuple[str, ...] = READING, *, via: str = "") -> None:
    """
    Return when the key of the catalog at *place*, if it has one, may be used for *caller*; GlueEncryptionException.

    *via* is the service that asks Glue in the caller's name, if one does. A key that KMS does not know opens nothing.
    """
    moto = world.store(Moto)
    encryption = moto.catalog_encryption(place.account, place.region)
    if encryption is None:
        return
    key = _aws_own(place) if _is_aws_own(encryption.key) else moto.kms_key(encryption.key, place.account, place.region)
    if key is None:
        message = f"Invalid keyId {encryption.key} (Service: AWSKMS; Status Code: 400; Error Code: NotFoundException)"
        raise RULE_READ.refuse(_CODE, message)
    if encryption.role_arn:
        role = _service_role(world, encryption.role_arn)
        context = {"aws:RequestedRegion": place.region, **_to_kms(role, place)}
    else:
        role = None
        asked: Given = {"aws:RequestedRegion": place.region, "aws:ViaAWSService": "true"}
        context = {**(in_the_callers_name(via, place.region) if via else asked), **_to_kms(caller, place)}
    for action in actions:
        refusing = RULE_ROLE if role else RULE_READ if action in READING else RULE_WRITE
        try:
            authorize_key(world, role or caller, action, key, context)
        except ServiceError as error:
            why = f"{error.message} (Service: AWSKMS; Status Code: 400; Error Code: {error.code})"
            raise refusing.refuse(_CODE, why) from error


def _to_kms(who: Caller, place: Place) -> Given:
    """Return the keys of Glue's calls to KMS; the encryption context is documented: encrypt-glue-data-catalog.html."""
    return {**to_kms("glue", who.account, place.region), "kms:EncryptionContext:glue_catalog_id": place.account}


def _service_role(world: World, arn: str) -> Caller:
    """Return the session in which Glue uses the key; GlueEncryptionException where it may not assume the role."""
    role = world.store(Moto).role_by_arn(arn)
    trust = read_policy(role.trust_policy) if role else ()
    speaking = [
        each for each in trust if any((one.kind, one.value) == ("Service", _SERVICE) for one in each.principals)
    ]
    if evaluate(speaking, "sts:AssumeRole", arn, GivenKeys({})) is not Verdict.ALLOW:
        raise RULE_ROLE.refuse(_CODE, f"Glue is unable to assume the role {arn}.")
    account, name = account_of(arn), arn.rpartition("/")[2]
    return Caller(account, f"arn:aws:sts::{account}:assumed-role/{name}/glue", arn, "role")


def _is_aws_own(named: str) -> bool:
    return named == AWS_OWN_KEY or named.endswith(f":{AWS_OWN_KEY}")


def _aws_own(place: Place) -> KeyEntry:
    """Return the key that AWS keeps for Glue: for everybody of the account, through Glue (documented: KMS's guide)."""
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
        "Resource": "*",
        "Condition": {"StringEquals": {"kms:CallerAccount": place.account}},
    }
    arn = f"arn:{partition_in(place.region)}:kms:{place.region}:{place.account}:{AWS_OWN_KEY}"
    return KeyEntry(arn, json.dumps({"Version": "2012-10-17", "Statement": statement}))
