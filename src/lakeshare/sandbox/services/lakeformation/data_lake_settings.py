"""GetDataLakeSettings and PutDataLakeSettings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from lakeshare.sandbox.calls import Call, Operations
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.glue.catalog import Place
from lakeshare.sandbox.services.lakeformation.principals import canonical, check_known, is_iam
from lakeshare.sandbox.services.lakeformation.settings import FRESH, LEFT_TO_IAM, Settings
from lakeshare.sandbox.switches import switch

MOST_ADMINS: Final = 30
VERSIONS: Final = ("1", "2", "3", "4", "5")
NO_WAY_BACK: Final = "5"

RULE_OWN = rule(
    "lakeformation.settings.own-account",
    "Settings are read and put in one's own account; the right to do so is IAM's alone to give.",
    tag="inferred",
    source="https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_PutDataLakeSettings.html",
)
RULE_ADMINS = rule(
    "lakeformation.settings.admins",
    "Administrators are at most 30, and each is an IAM role or user that exists; one dead entry fails the whole call.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/troubleshooting.html",
)
RULE_DEFAULTS = rule(
    "lakeformation.settings.defaults",
    "Default permissions are none, or ALL to IAM_ALLOWED_PRINCIPALS.",
    tag="documented",
    source="botocore service model, lakeformation DataLakeSettings",
)
LEFT_OUT = switch(
    "lakeformation.settings-left-out",
    "What becomes of the members that PutDataLakeSettings is not given.",
    positions={
        "gone": "the whole document is replaced, as the documentation of change-settings says",
        "kept": "they stay as they were, as pulumi-aws issue 4366 saw of the default permissions",
    },
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/change-settings.html; pulumi-aws issue 4366",
    concerns=RULE_DEFAULTS,
)
RULE_PARAMETERS = rule(
    "lakeformation.settings.parameters",
    "The keys of Parameters are known, and CROSS_ACCOUNT_VERSION is 1 to 5.",
    tag="observed",
    source="boto3 issue 3897",
)
RULE_DOWNGRADE = rule(
    "lakeformation.settings.version-5-stays",
    "From CROSS_ACCOUNT_VERSION 5 there is no way back, leaving the key out included.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/optimize-ram.html; the message is ours",
)
_KEYS: Final = ("CROSS_ACCOUNT_VERSION", "SET_CONTEXT", "SET_SOURCE_IDENTITY")
_ADMINS: Final = ("DataLakeAdmins", "ReadOnlyAdmins")
_DEFAULTS: Final = ("CreateDatabaseDefaultPermissions", "CreateTableDefaultPermissions")


def get_data_lake_settings(call: Call) -> Mapping[str, Any]:
    """Answer GetDataLakeSettings."""
    return {"DataLakeSettings": call.world.store(Settings).document(_place(call))}


def put_data_lake_settings(call: Call) -> Mapping[str, Any]:
    """Answer PutDataLakeSettings: what is left out is gone, or back to nothing (documented: the whole is replaced)."""
    place, given = _place(call), _whole(call)
    for member in _ADMINS:
        _check_admins(call, given.get(member, []))
    for member in _DEFAULTS:
        _check_defaults(given.get(member, []))
    parameters = given.get("Parameters") or dict(FRESH["Parameters"])
    _check_parameters(call, place, parameters)

    empty: dict[str, Any] = {member: [] for member, value in FRESH.items() if isinstance(value, list)}
    off = {member: False for member, value in FRESH.items() if isinstance(value, bool)}
    document = {**empty, **off, **given, "Parameters": {**FRESH["Parameters"], **parameters}}
    call.world.store(Settings).replace(place, document)
    return {}


def _whole(call: Call) -> Mapping[str, Any]:
    """Return the document that is put: what the call gives, and where the switch says so what it leaves out."""
    given: dict[str, Any] = call.params["DataLakeSettings"]
    if LEFT_OUT.stands_at(call.world) == "gone":
        return given
    held = call.world.store(Settings).document(_place(call))
    return {**held, **given, "Parameters": {**held["Parameters"], **given.get("Parameters", {})}}


def _place(call: Call) -> Place:
    account = call.params.get("CatalogId") or call.caller.account
    if account != call.caller.account:
        message = "Cross account data lake settings access is not allowed."
        raise RULE_OWN.refuse("AccessDeniedException", message)
    return Place(account, call.region)


def _check_admins(call: Call, admins: list[dict[str, Any]]) -> None:
    if len(admins) > MOST_ADMINS:
        message = f"The number of data lake administrators cannot exceed {MOST_ADMINS}."
        raise RULE_ADMINS.refuse("InvalidInputException", message)
    for admin in admins:
        principal = admin.get("DataLakePrincipalIdentifier", "")
        if not is_iam(principal):
            raise RULE_ADMINS.refuse("InvalidInputException", f"Invalid principal, arn: {principal}")
        check_known(call.world, principal)


def _check_defaults(defaults: list[dict[str, Any]]) -> None:
    plain = [
        {
            "Principal": {
                "DataLakePrincipalIdentifier": canonical(
                    entry.get("Principal", {}).get("DataLakePrincipalIdentifier", "")
                )
            },
            "Permissions": entry.get("Permissions", []),
        }
        for entry in defaults
    ]
    if plain not in ([], LEFT_TO_IAM):
        message = "Default permissions must be empty, or ALL for IAM_ALLOWED_PRINCIPALS."
        raise RULE_DEFAULTS.refuse("InvalidInputException", message)


def _check_parameters(call: Call, place: Place, parameters: Mapping[str, str]) -> None:
    if unknown := sorted(set(parameters) - set(_KEYS)):
        # It names the one key only, though it takes the others (observed: boto3 issue 3897).
        message = f"Valid Parameters Keys are: [CROSS_ACCOUNT_VERSION], but found: [{', '.join(unknown)}]"
        raise RULE_PARAMETERS.refuse("InvalidInputException", message)
    version = parameters.get("CROSS_ACCOUNT_VERSION", "1")
    if version not in VERSIONS:
        message = f"CROSS_ACCOUNT_VERSION must be one of {', '.join(VERSIONS)}, but found: {version}"
        raise RULE_PARAMETERS.refuse("InvalidInputException", message)
    if str(call.world.store(Settings).version(place)) == NO_WAY_BACK != version:
        message = f"CROSS_ACCOUNT_VERSION cannot be changed from {NO_WAY_BACK} to {version}"
        raise RULE_DOWNGRADE.refuse("InvalidInputException", message)


def get_data_lake_principal(call: Call) -> Mapping[str, Any]:
    """Answer GetDataLakePrincipal: who calls."""
    return {"Identity": call.caller.arn}


OPERATIONS: Operations = {
    "GetDataLakePrincipal": get_data_lake_principal,
    "GetDataLakeSettings": get_data_lake_settings,
    "PutDataLakeSettings": put_data_lake_settings,
}
