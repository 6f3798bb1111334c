"""
The kinds of text that fields of a spec hold: what each must look like, and how that is said to a person.

A ``Text`` is a note on a string type. Pydantic refuses what does not fit it with the words of ``expected``, and the
JSON Schema carries its pattern. A ``ToCome`` marks a field that is part of the contract and not built yet.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, Final, TypeVar

from pydantic import AfterValidator, GetCoreSchemaHandler, GetJsonSchemaHandler, WrapSerializer
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from lakeshare.catalogue import categories
from lakeshare.catalogue.operations import OPERATIONS, limit_names

# The types of pydantic error that our own refusals carry.
MALFORMED: Final = "malformed"
NOT_BUILT: Final = "not_built"

Name = TypeVar("Name")
Value = TypeVar("Value")


def _read_only(value: Mapping[str, Value]) -> Mapping[str, Value]:
    return MappingProxyType(dict(value))


def _as_dict(value: Mapping[str, Any], serialize: Callable[[dict[str, Any]], Any]) -> Any:
    return serialize(dict(value))


def malformed(expected: str, **beside: Any) -> PydanticCustomError:
    """Return the error for a value that is not what was *expected*; *beside* may name a field to point ``at``."""
    return PydanticCustomError(MALFORMED, "{expected}", {"expected": expected, **beside})


def not_built(message: str) -> PydanticCustomError:
    """Return the error for what is part of the contract and to come; *message* is the whole sentence."""
    return PydanticCustomError(NOT_BUILT, "{message}", {"message": message})


def no_entries() -> Mapping[str, Any]:
    """Return the mapping that a field has when it is left out."""
    return MappingProxyType({})


# A mapping that nobody can change once it is read.
ReadOnly = Annotated[Mapping[Name, Value], AfterValidator(_read_only), WrapSerializer(_as_dict)]


@dataclass(frozen=True, slots=True)
class Text:
    """Text that fits *pattern* as a whole; ``expected`` completes "expected ...", ``known`` feeds suggestions."""

    pattern: str
    expected: str
    known: tuple[str, ...] = ()

    def check(self, value: str) -> str:
        """Return *value*, or raise pydantic's error of type MALFORMED."""
        if re.fullmatch(self.pattern, value) is None:
            raise malformed(self.expected, known=self.known)
        return value

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return handler(schema) | {"pattern": f"^(?:{self.pattern})$"}


@dataclass(frozen=True, slots=True)
class ToCome:
    """A field that this version recognises and refuses, with *message*; its schema admits nothing."""

    message: str

    def refuse(self, _: object) -> None:
        """Raise pydantic's error of type NOT_BUILT."""
        raise not_built(self.message)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self.refuse, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"not": {}, "description": f"To come: {self.message}."}


ROLE_CHARACTERS: Final = r"[A-Za-z0-9_+=,.@-]"
_ROLE_ARN = rf"arn:aws(?:-[a-z]+)*:iam::[0-9]{{12}}:role/(?:[!-.0-~]+/)*{ROLE_CHARACTERS}{{1,64}}"

# The words that AWS builds Region names from; a slip in one of them is no Region to be.
DIRECTIONS: Final = (
    "north", "northeast", "east", "southeast", "south", "southwest", "west", "northwest", "central",
)  # fmt: skip

# Regions to suggest when one is misspelled; others pass as well.
KNOWN_REGIONS: Final = (
    "us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "ca-west-1", "mx-central-1", "sa-east-1",
    "eu-central-1", "eu-central-2", "eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-2", "eu-west-3",
    "ap-east-1", "ap-east-2", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-south-2",
    "ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5", "ap-southeast-7",
    "af-south-1", "il-central-1", "me-central-1", "me-south-1", "us-gov-east-1", "us-gov-west-1", "cn-north-1",
    "cn-northwest-1",
)  # fmt: skip

# Services that run code as a role, to tell a misspelled one; others pass as well.
KNOWN_SERVICES: Final = tuple(
    f"{name}.amazonaws.com"
    for name in (
        "lambda", "ec2", "ecs-tasks", "glue", "states", "events", "scheduler", "pipes", "sagemaker", "quicksight",
        "athena", "batch", "codebuild", "elasticmapreduce", "emr-serverless", "emr-containers", "tasks.apprunner",
        "appsync", "firehose", "redshift", "airflow", "airflow-env", "bedrock", "datazone", "dms",
        "kinesisanalytics", "pods.eks",
    )
)  # fmt: skip

AccountId = Annotated[str, Text(r"[0-9]{12}", 'a 12-digit account id in quotes, such as "111111111111"')]
Region = Annotated[
    str,
    Text(
        rf"[a-z]{{2,4}}(?:-[a-z]{{2,4}})?-(?:{'|'.join(DIRECTIONS)})-[0-9]{{1,2}}",
        "a Region such as us-east-1",
        KNOWN_REGIONS,
    ),
]
SpecName = Annotated[
    str,
    Text(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?", "1 to 40 lower-case letters, digits and inner hyphens"),
]
Key = Annotated[
    str, Text(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", "a name of up to 64 letters, digits, hyphens, dots and underscores")
]
OperatorRole = Annotated[
    str,
    Text(
        rf"{_ROLE_ARN}|/?(?:[!-.0-9;-~]+/)*{ROLE_CHARACTERS}{{1,64}}",
        "a role's name, its path and name, or its ARN arn:aws:iam::ACCOUNT:role/NAME",
    ),
]
ReaderRole = Annotated[
    str,
    Text(rf"{_ROLE_ARN}|{ROLE_CHARACTERS}{{1,64}}", "a role's name, or its ARN arn:aws:iam::ACCOUNT:role/NAME"),
]
ParameterName = Annotated[
    str,
    Text(r"/?[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+){0,14}", "the name of an SSM parameter, such as /lakeshare/consumer"),
]
RoleName = Annotated[str, Text(rf"{ROLE_CHARACTERS}{{1,64}}", "a role's name")]
_PARTITION: Final = r"arn:aws(?:-[a-z]+)*"
ReaderUser = Annotated[
    str,
    Text(
        rf"{_PARTITION}:iam::[0-9]{{12}}:user/(?:[!-.0-~]+/)*{ROLE_CHARACTERS}{{1,64}}|{ROLE_CHARACTERS}{{1,64}}",
        "a user's name, or its ARN arn:aws:iam::ACCOUNT:user/NAME",
    ),
]
PermissionSet = Annotated[str, Text(rf"{ROLE_CHARACTERS}{{1,32}}", "the name of a permission set, 1 to 32 characters")]
# QuickSight's ARNs name the Region in which it keeps its people, which need not be the lake's.
QuickSightPrincipal = Annotated[
    str,
    Text(
        rf"(?:{_PARTITION}:quicksight:[a-z0-9-]+:[0-9]{{12}}:(?:user|group)/)?"
        r"(?:(?:user|group)/)?[A-Za-z0-9._-]{1,64}/[^\x00-\x20]{1,256}",
        "a user NAMESPACE/NAME such as default/jane, group/NAMESPACE/NAME, or an ARN of either",
    ),
]
SamlPrincipal = Annotated[
    str,
    Text(
        rf"(?:{_PARTITION}:iam::[0-9]{{12}}:saml-provider/)?[A-Za-z0-9._-]{{1,128}}:(?:user|group)/[^\x00-\x1f]{{1,200}}",
        "PROVIDER:user/NAME or PROVIDER:group/NAME, or that after arn:aws:iam::ACCOUNT:saml-provider/",
    ),
]
_IDENTITY_ID: Final = r"(?:[0-9a-f]{10}-)?[A-Fa-f0-9]{8}(?:-[A-Fa-f0-9]{4}){3}-[A-Fa-f0-9]{12}"
IdentityCenterPrincipal = Annotated[
    str,
    Text(
        rf"(?:{_PARTITION}:identitystore:::)?(?:user|group)/{_IDENTITY_ID}",
        "user/ID or group/ID with the id that Identity Center gave, or that after arn:aws:identitystore:::",
    ),
]
SamlProvider = Annotated[
    str,
    Text(
        rf"(?:{_PARTITION}:iam::[0-9]{{12}}:saml-provider/)?[A-Za-z0-9._-]{{1,128}}",
        "a SAML provider's name, or its ARN arn:aws:iam::ACCOUNT:saml-provider/NAME",
    ),
]
OrganisationId = Annotated[str, Text(r"o-[a-z0-9]{10,32}", "an organisation's id, such as o-a1b2c3d4e5")]
KeyArn = Annotated[
    str,
    Text(
        rf"{_PARTITION}:kms:[a-z0-9-]+:[0-9]{{12}}:key/[A-Za-z0-9-]{{1,64}}",
        "a KMS key's ARN arn:aws:kms:REGION:ACCOUNT:key/ID (an alias is none: IAM decides by keys)",
    ),
]
S3Location = Annotated[
    str,
    Text(
        r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:/[^\x00-\x1f*?]{0,900})?",
        "a place in S3 such as s3://bucket/prefix/",
    ),
]
LogGroup = Annotated[str, Text(r"[A-Za-z0-9_/.#-]{1,511}\*?", "a log group's name, such as /aws/lambda/my-function")]
Profile = Annotated[str, Text(r"[^\x00-\x1f\[\]]{1,255}", "the name of a profile of the AWS configuration")]
EXTERNAL_ID: Final = Text(r"[A-Za-z0-9_+=,.@:/-]{2,1224}", "2 to 1,224 letters, digits and characters of +=,.@:/-_")
SessionName = Annotated[str, Text(r"[A-Za-z0-9_+=,.@-]{2,64}", "2 to 64 letters, digits and characters of +=,.@-_")]
TagKey = Annotated[
    str,
    Text(r"(?![aA][wW][sS]:)[^\x00-\x1f]{1,128}", 'a tag key of 1 to 128 characters that does not begin with "aws:"'),
]
TagValue = Annotated[str, Text(r"[^\x00-\x1f]{0,256}", "a tag value of up to 256 characters")]
InstanceId = Annotated[
    str,
    Text(
        r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        "the instance's id, such as 0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0 in lower case (the last part of its ARN)",
    ),
]
# Glue folds names to lower case, and Athena documents no special character but the underscore.
NewGlueName = Annotated[str, Text(r"[a-z0-9_]{1,255}", "1 to 255 lower-case letters, digits and underscores")]
# Other tools make names with hyphens and dots, so what exists may have them.
GlueName = Annotated[
    str, Text(r"[a-z0-9_.-]{1,255}", "1 to 255 lower-case letters, digits, underscores, hyphens and dots")
]
Pattern = Annotated[
    str,
    Text(
        r"(?:(?:group|live):)?[a-z0-9_.*?\[\]!-]{1,255}",
        'a table\'s name in lower case, a pattern such as "agent_*", or group:NAME',
        tuple(f"group:{name}" for name in categories()),
    ),
]
ColumnName = Annotated[str, Text(r"[^\x00-\x1fA-Z]{1,255}", "a column's name in lower case, as Glue has it")]
LinkTemplate = Annotated[
    str,
    Text(
        r"[a-z0-9_]*\{table\}[a-z0-9_]*",
        'lower-case letters, digits and underscores around one {table}, such as "{table}_link"',
    ),
]
WorkgroupName = Annotated[
    str, Text(r"[A-Za-z0-9._-]{1,128}", "1 to 128 letters, digits, dots, hyphens and underscores")
]
BucketName = Annotated[
    str, Text(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", "a bucket's name alone, without s3:// and without a path")
]
ServicePrincipal = Annotated[
    str,
    Text(
        r"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.amazonaws\.com(?:\.cn)?",
        "a service such as lambda.amazonaws.com",
        KNOWN_SERVICES,
    ),
]
RolePath = Annotated[str, Text(r"/|/[!-~]{1,510}/", "/ or a path such as /analytics/")]
PolicyArn = Annotated[
    str,
    Text(
        r"arn:aws(?:-[a-z]+)*:iam::(?:[0-9]{12}|aws):policy/[!-~]{1,512}",
        "a policy's ARN arn:aws:iam::ACCOUNT:policy/NAME",
    ),
]
OperationName = Annotated[
    str,
    Text(
        "|".join(f"{service}:(?:{'|'.join(names)}|\\*)" for service, names in OPERATIONS.items()),
        "an operation that lakeshare calls, such as lakeformation:BatchGrantPermissions, or lakeformation:* for all",
        limit_names(),
    ),
]
