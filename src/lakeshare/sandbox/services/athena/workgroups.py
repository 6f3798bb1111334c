"""Workgroups: where queries run, with whose settings, and how much they may scan."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from lakeshare.sandbox.arns import partition_in
from lakeshare.sandbox.calls import Call, MotosError, Operations
from lakeshare.sandbox.paging import page, with_token
from lakeshare.sandbox.policy.resource_tags import tells_tags
from lakeshare.sandbox.services.athena.refusals import (
    RULE_EMPTY,
    RULE_LOCATION,
    RULE_TAG,
    RULE_WORKGROUP,
    invalid,
    invalid_token,
)
from lakeshare.sandbox.world import World

PRIMARY = "primary"
ENGINE_VERSION = {"SelectedEngineVersion": "AUTO", "EffectiveEngineVersion": "Athena engine version 3"}

_DEFAULTS = {
    "EnableMinimumEncryptionConfiguration": False,
    "EnforceWorkGroupConfiguration": True,
    "PublishCloudWatchMetricsEnabled": False,
    "RequesterPaysEnabled": False,
}
"""Observed: what GetWorkGroup tells of a workgroup that was made with nothing but a name and a result location."""


@dataclass(slots=True)
class WorkGroup:
    """A workgroup; ``configuration`` is a WorkGroupConfiguration as the API has it."""

    name: str
    configuration: dict[str, Any]
    created_at: float
    description: str = ""
    state: str = "ENABLED"
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def is_enforced(self) -> bool:
        """Whether its settings win over those of a query."""
        return bool(self.configuration.get("EnforceWorkGroupConfiguration"))

    @property
    def cutoff(self) -> int | None:
        """Bytes that a query may scan; None for any number."""
        return self.configuration.get("BytesScannedCutoffPerQuery")

    def summary(self) -> dict[str, Any]:
        """Return the WorkGroupSummary."""
        return {
            "Name": self.name,
            "State": self.state,
            "Description": self.description,
            "CreationTime": datetime.fromtimestamp(self.created_at, UTC),
            "EngineVersion": ENGINE_VERSION,
        }


class WorkGroups:
    """Every workgroup of the sandbox, by account and Region; each of them has ``primary`` from the first look."""

    def __init__(self, world: World) -> None:
        self._clock = world.clock
        self._groups: dict[tuple[str, str], dict[str, WorkGroup]] = {}

    def of(self, account: str, region: str) -> dict[str, WorkGroup]:
        """Return the workgroups of one account in one Region by name."""
        here = self._groups.setdefault((account, region), {})
        if not here:
            own = {**_DEFAULTS, "EnforceWorkGroupConfiguration": False, "EngineVersion": ENGINE_VERSION}
            here[PRIMARY] = WorkGroup(PRIMARY, {"ResultConfiguration": {}, **own}, self._clock.now())
        return here

    def named(self, call: Call, name: str) -> WorkGroup:
        """Return the workgroup called *name*, or refuse."""
        found = self.of(call.caller.account, call.region).get(name)
        if found is None:
            raise invalid(RULE_WORKGROUP, f"WorkGroup {name} is not found.")
        return found


def workgroup_arn(call: Call, name: str) -> str:
    """Return the ARN of the caller's workgroup called *name*."""
    return f"arn:{partition_in(call.region)}:athena:{call.region}:{call.caller.account}:workgroup/{name}"


@tells_tags("athena")
def _tags_of(world: World, arn: str) -> Mapping[str, str]:
    _, _, _, region, account, thing = arn.split(":", 5)
    kind, _, name = thing.partition("/")
    found = world.store(WorkGroups).of(account, region).get(name) if kind == "workgroup" else None
    return {} if found is None else found.tags


def create_work_group(call: Call) -> Mapping[str, Any]:
    """Answer CreateWorkGroup."""
    params, name = call.params, call.params["Name"]
    here = call.world.store(WorkGroups).of(call.caller.account, call.region)
    if name in here:
        raise invalid(RULE_WORKGROUP, f"WorkGroup {name} is already created")
    given = deepcopy(params.get("Configuration") or {})
    _check_location(given.get("ResultConfiguration") or {})
    configuration = {**_DEFAULTS, **given, "EngineVersion": _engine(given)}
    tags = _read(params.get("Tags", []))
    here[name] = WorkGroup(name, configuration, call.world.clock.now(), params.get("Description", ""), "ENABLED", tags)
    return {}


def get_work_group(call: Call) -> Mapping[str, Any]:
    """Answer GetWorkGroup."""
    group = call.world.store(WorkGroups).named(call, call.params["WorkGroup"])
    summary = {name: value for name, value in group.summary().items() if name != "EngineVersion"}
    return {"WorkGroup": {**summary, "Configuration": group.configuration}}


def list_work_groups(call: Call) -> Mapping[str, Any]:
    """Answer ListWorkGroups, by name."""
    here = call.world.store(WorkGroups).of(call.caller.account, call.region)
    shown, token = page(
        sorted(here), call.params.get("NextToken"), call.params.get("MaxResults"), most=50, refusal=invalid_token
    )
    return with_token({"WorkGroups": [here[name].summary() for name in shown]}, token)


def update_work_group(call: Call) -> Mapping[str, Any]:
    """Answer UpdateWorkGroup: what is given changes, what is to be removed goes, the rest stays."""
    params = call.params
    group = call.world.store(WorkGroups).named(call, params["WorkGroup"])
    updates = deepcopy(params.get("ConfigurationUpdates") or {})
    results = updates.pop("ResultConfigurationUpdates", None) or {}
    _check_location(results)
    group.configuration["ResultConfiguration"] = _updated(group.configuration.get("ResultConfiguration") or {}, results)
    group.configuration = _updated(group.configuration, updates)
    group.configuration["EngineVersion"] = _engine(group.configuration)
    group.description = params.get("Description", group.description)
    group.state = params.get("State", group.state)
    return {}


def tag_resource(call: Call) -> Mapping[str, Any]:
    """Answer TagResource for a workgroup."""
    _tagged(call).tags.update(_read(call.params["Tags"]))
    return {}


def untag_resource(call: Call) -> Mapping[str, Any]:
    """Answer UntagResource for a workgroup."""
    tags = _tagged(call).tags
    for key in call.params["TagKeys"]:
        tags.pop(key, None)
    return {}


def list_tags_for_resource(call: Call) -> Mapping[str, Any]:
    """Answer ListTagsForResource for a workgroup."""
    return {"Tags": [{"Key": key, "Value": value} for key, value in _tagged(call).tags.items()]}


def refuse_deletion(group: WorkGroup, *, has_queries: bool, is_recursive: bool) -> None:
    """Refuse to delete ``primary``, and what still has queries unless they may go too."""
    if group.name == PRIMARY:
        raise invalid(RULE_EMPTY, "The primary workgroup cannot be deleted")
    if has_queries and not is_recursive:
        raise invalid(RULE_EMPTY, f"WorkGroup {group.name} is not empty")


def _read(tags: list[dict[str, str]]) -> dict[str, str]:
    """Return tags by key; refuse one without."""
    if not all(tag.get("Key") for tag in tags):
        raise invalid(RULE_TAG, "A tag must have a key.")
    return {tag["Key"]: tag.get("Value", "") for tag in tags}


def _tagged(call: Call) -> WorkGroup:
    arn = call.params["ResourceARN"]
    if ":workgroup/" not in arn:
        raise MotosError  # data catalogs and capacity reservations
    name = arn.rpartition(":workgroup/")[2]
    if arn != workgroup_arn(call, name):
        raise RULE_WORKGROUP.refuse("ResourceNotFoundException", f"Resource {arn} is not found", ResourceName=arn)
    return call.world.store(WorkGroups).named(call, name)


def _updated(configuration: Mapping[str, Any], updates: Mapping[str, Any]) -> dict[str, Any]:
    """Return *configuration* with *updates*, of which ``RemoveX: true`` takes ``X`` away."""
    removed = {name.removeprefix("Remove") for name, value in updates.items() if name.startswith("Remove") and value}
    given = {name: value for name, value in updates.items() if not name.startswith("Remove")}
    return {name: value for name, value in {**configuration, **given}.items() if name not in removed}


def _engine(configuration: Mapping[str, Any]) -> dict[str, str]:
    selected = (configuration.get("EngineVersion") or {}).get("SelectedEngineVersion", "AUTO")
    return {**ENGINE_VERSION, "SelectedEngineVersion": selected}


def _check_location(results: Mapping[str, Any]) -> None:
    location = results.get("OutputLocation")
    if location is not None and not is_s3_location(location):
        raise invalid(RULE_LOCATION, "outputLocation is not a valid S3 path.")


def is_s3_location(location: str) -> bool:
    """Whether *location* is s3://bucket or s3://bucket/prefix."""
    scheme, _, rest = location.partition("://")
    return scheme == "s3" and bool(rest.partition("/")[0])


OPERATIONS: Operations = {
    "CreateWorkGroup": create_work_group,
    "GetWorkGroup": get_work_group,
    "ListWorkGroups": list_work_groups,
    "UpdateWorkGroup": update_work_group,
    "TagResource": tag_resource,
    "UntagResource": untag_resource,
    "ListTagsForResource": list_tags_for_resource,
}
