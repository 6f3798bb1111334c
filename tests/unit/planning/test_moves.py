"""What becomes of the ledger's things when accounts are renamed."""

from __future__ import annotations

from typing import Any

import pytest

from lakeshare.errors import LedgerError
from lakeshare.planning.expand import expand
from lakeshare.planning.facts import Facts
from lakeshare.planning.moves import moved, under_new_addresses
from lakeshare.resources.ram_invitation import RamInvitation
from lakeshare.resources.values import Place
from lakeshare.spec import Spec
from tests.unit.planning.house import CONSUMER, INSTANCE, PRODUCER, connect_share, facts_of, spec_of

NAMES = {"producer": "telephony.eu", "consumer": "analytics"}


def renamed_house() -> tuple[Spec, Facts]:
    """Return the spec and facts of the fixtures under new names of the accounts."""
    share = connect_share()
    share["from"] = {**share["from"], "account": "telephony.eu"}
    share["to"] = {**share["to"], "account": "analytics"}
    accounts = {
        "telephony.eu": {"id": PRODUCER, "region": "eu-west-2"},
        "analytics": {"id": CONSUMER, "region": "eu-west-2"},
    }
    facts = facts_of()
    return spec_of({"contact-centre": share}, **accounts), facts_of(
        operators={NAMES[alias]: arn for alias, arn in facts.operators.items()},
        data_sets={(NAMES[alias], instance): names for (alias, instance), names in facts.data_sets.items()},
        external_id_digests={NAMES[alias]: digest for alias, digest in facts.external_id_digests.items()},
    )


def with_dependencies(resources: Any) -> dict[str, Any]:
    """Return what equality leaves out, too."""
    return {address: (item, item.depends_on) for address, item in resources.items()}


def test_what_is_renamed_is_what_the_renamed_spec_makes(spec: Spec, facts: Facts) -> None:
    """Addresses, what they depend on and what is still unknown all come out as if made under the new names."""
    before = expand(spec, facts).resources
    after = expand(*renamed_house()).resources

    now = under_new_addresses(before, moved(before, NAMES))

    assert with_dependencies(now) == with_dependencies(after)


def test_a_name_that_nothing_goes_by_moves_nothing(spec: Spec, facts: Facts) -> None:
    """A move that is done may stay in the spec, and so may the one before it."""
    resources = expand(spec, facts).resources

    assert moved(resources, {"older": "producer", "oldest": "older"}) == {}
    assert moved(resources, {}) == {}


def test_what_rests_on_a_renamed_account_is_renamed_there(spec: Spec, facts: Facts) -> None:
    """The consumer's own things name the producer in what they depend on, and in invitations."""
    resources = expand(spec, facts).resources

    changed = moved(resources, {"producer": "telephony"})

    kinds = {item.kind for old, item in changed.items() if old.startswith("consumer/")}
    assert kinds == {"ram_invitation", "resource_link", "lake_grant", "iam_policy"}
    assert all("producer/" not in text for item in changed.values() for text in (item.address, *item.depends_on))


def test_a_name_that_is_the_beginning_of_another_is_another() -> None:
    """Names may have dots, as an invitation's source has between the account and the instance."""
    place = Place("a", CONSUMER, "eu-west-2")
    source = f"a.b.{INSTANCE}"
    invitation = RamInvitation(place, source, "connect_datalake.users")

    now = moved({invitation.address: invitation}, {"a": "x", "a.b": "y"})[invitation.address]

    assert (now.place.alias, now.source) == ("x", f"y.{INSTANCE}")


def test_two_things_at_one_address_are_refused(spec: Spec, facts: Facts) -> None:
    """A ledger in which both names made the same thing is not merged by guessing."""
    before = expand(spec, facts).resources
    both = {**before, **expand(*renamed_house()).resources}

    with pytest.raises(LedgerError, match="two things of the ledger to analytics/") as caught:
        under_new_addresses(both, moved(both, NAMES))

    assert "state rm" in str(caught.value.hint)
