"""The rules by which Athena's own calls are refused, and its one way of saying so: InvalidRequestException."""

from __future__ import annotations

from lakeshare.sandbox.rules import RefusalError, Rule, rule

_MEASURED = "recorded from the real service in 2026 by github.com/aoyagikouhei/athena-local"

RULE_WORKGROUP = rule(
    "athena.workgroup.exists",
    "A workgroup is there before it is used, and is made only once.",
    tag="documented",
    source="https://docs.aws.amazon.com/athena/latest/APIReference/API_GetWorkGroup.html; the messages are Terraform's",
)
RULE_TAG = rule(
    "athena.tag.key",
    "A tag has a key; its value may be left out.",
    tag="documented",
    source="https://docs.aws.amazon.com/athena/latest/APIReference/API_Tag.html; the message is ours",
)
RULE_EMPTY = rule(
    "athena.workgroup.empty",
    "A workgroup that has query executions is deleted only with RecursiveDeleteOption; primary never is.",
    tag="documented",
    source="https://docs.aws.amazon.com/athena/latest/APIReference/API_DeleteWorkGroup.html",
)
RULE_ENABLED = rule(
    "athena.workgroup.enabled",
    "Queries run only in an enabled workgroup.",
    tag="documented",
    source="https://docs.aws.amazon.com/athena/latest/ug/workgroups-enable-disable.html",
)
RULE_LOCATION = rule(
    "athena.query.output-location",
    "A query needs an output location, its workgroup's or its own, and it is s3://bucket/prefix.",
    tag="observed",
    source=_MEASURED,
)
RULE_CENTRAL = rule(
    "athena.ctas.central-location",
    "A workgroup that enforces where results go also says where CTAS puts its data: external_location is refused.",
    tag="observed",
    source="https://docs.aws.amazon.com/athena/latest/ug/workgroups-settings-override.html; the message is what people "
    "report of StartQueryExecution",
)
RULE_RESULTS_KEY = rule(
    "athena.query.results-key",
    "Results that are encrypted with a key of KMS take the caller's kms:GenerateDataKey to write and kms:Decrypt to"
    " read.",
    tag="documented",
    source="https://docs.aws.amazon.com/athena/latest/ug/encrypting-query-results-stored-in-s3.html; the wording is "
    "that of S3's refusals in Athena",
)
RULE_ENCRYPTION = rule(
    "athena.query.encryption-key",
    "Results that are encrypted with a key of KMS say which.",
    tag="documented",
    source="https://docs.aws.amazon.com/athena/latest/APIReference/API_EncryptionConfiguration.html; our own message",
)
RULE_BUCKET = rule(
    "athena.query.results-bucket",
    "The results bucket must exist, and the caller see where it is: s3:GetBucketLocation.",
    tag="observed",
    source="https://github.com/hashicorp/terraform-provider-aws/issues/39716; for a missing bucket it is inferred",
)
RULE_IDEMPOTENT = rule(
    "athena.query.idempotent",
    "A ClientRequestToken that was used stands for the query it began; with another query it is refused.",
    tag="observed",
    source=_MEASURED,
)
RULE_EXECUTION = rule(
    "athena.query.exists",
    "A query execution is found by the id that starting it gave.",
    tag="observed",
    source=_MEASURED,
)
RULE_RESULTS = rule(
    "athena.query.results-when-succeeded",
    "Only a query that has succeeded has results.",
    tag="observed",
    source=_MEASURED,
)
RULE_TOKEN = rule(
    "athena.list.token",
    "A NextToken is one that an earlier page gave.",
    tag="inferred",
    source="the message is ours",
)
RULE_CATALOG = rule(
    "athena.catalog.exists",
    "What is read is in AwsDataCatalog, or in a registered data catalog of type GLUE; there is nothing behind others.",
    tag="inferred",
    source="https://docs.aws.amazon.com/athena/latest/ug/data-sources-glue-cross-account.html for GLUE; that the "
    "sandbox has neither Lambda connectors nor Hive metastores is its own limit",
)
RULE_METADATA = rule(
    "athena.metadata.glue-answers",
    "Athena's metadata calls ask Glue in the caller's name, and fail as Glue does.",
    tag="documented",
    source="https://docs.aws.amazon.com/athena/latest/APIReference/API_GetTableMetadata.html",
)


def invalid(rule: Rule, message: str, error_code: str = "INVALID_INPUT") -> RefusalError:
    """Return an InvalidRequestException, Athena's answer to nearly everything; *error_code* is its detail."""
    return rule.refuse("InvalidRequestException", message, AthenaErrorCode=error_code)


def invalid_token() -> RefusalError:
    """Return the refusal of a token that no page gave."""
    return invalid(RULE_TOKEN, "Invalid NextToken")
