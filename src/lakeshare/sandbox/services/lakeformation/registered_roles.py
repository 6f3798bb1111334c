"""
The roles by which Lake Formation reaches the places that are registered with it.

Whoever Lake Formation lets read a table reads it with the rights of the role that its place was registered with, not
with its own (documented: registration-role.html); the service-linked role reaches what was registered with it.
"""

from __future__ import annotations

from lakeshare.sandbox.arns import account_of
from lakeshare.sandbox.calls import Caller
from lakeshare.sandbox.errors import ServiceError
from lakeshare.sandbox.moto_bridge import Moto
from lakeshare.sandbox.policy.context import GivenKeys
from lakeshare.sandbox.policy.documents import Statement, read_policy
from lakeshare.sandbox.policy.evaluate import Verdict, evaluate
from lakeshare.sandbox.rules import rule
from lakeshare.sandbox.services.glue.catalog import Place
from lakeshare.sandbox.services.lakeformation.registrations import Location, Locations, service_role
from lakeshare.sandbox.world import World

RULE_ASSUMABLE = rule(
    "lakeformation.location.role-assumable",
    "The role that a place is registered with exists, and trusts lakeformation.amazonaws.com.",
    tag="documented",
    source="https://docs.aws.amazon.com/lake-formation/latest/dg/registration-role.html; the message is ours",
)
_SERVICE = "lakeformation.amazonaws.com"


def role_for(world: World, caller: Caller, place: Place, location: str, policy: str | None = None) -> Caller | None:
    """
    Return the session in which Lake Formation reads an ``s3://`` *location* for *caller*, narrowed by *policy*.

    The longest registered path of the owner's catalog, *place*, decides; None where nothing that is registered holds
    the location. Raises AccessDeniedException when Lake Formation cannot assume the role.
    """
    registered = world.store(Locations).governing(place, location)
    if registered is None:
        return None
    _check_assumable(world, place, registered)
    account, name = account_of(registered.role), registered.role.rpartition("/")[2]
    session = f"arn:aws:sts::{account}:assumed-role/{name}/AWSLF-00-{caller.account}"
    return Caller(account, session, registered.role, "role", policy)


def _check_assumable(world: World, place: Place, registered: Location) -> None:
    if registered.role == service_role(place.account):
        return
    role = world.store(Moto).role_by_arn(registered.role)
    if role is None or not _trusts(read_policy(role.trust_policy), place, registered.role):
        raise _not_assumable(registered.role)


def _trusts(trust: tuple[Statement, ...], place: Place, role: str) -> bool:
    """Whether a trust policy lets Lake Formation in, acting for the catalog at *place*."""
    speaking = [
        each for each in trust if any(one.kind == "Service" and one.value == _SERVICE for one in each.principals)
    ]
    source = f"arn:aws:lakeformation:{place.region}:{place.account}:*"
    keys = GivenKeys({"aws:SourceAccount": (place.account,), "aws:SourceArn": (source,)})
    return evaluate(speaking, "sts:AssumeRole", role, keys) is Verdict.ALLOW


def _not_assumable(role: str) -> ServiceError:
    message = f"Lake Formation is unable to assume the role {role}. Please verify the role's trust policy."
    return RULE_ASSUMABLE.refuse("AccessDeniedException", message)
