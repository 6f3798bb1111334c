"""Whatever is edited in a spec: what was protected when it was last applied is never taken away by the next apply."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lakeshare.app.guarding import remember, remembered
from lakeshare.app.renaming import new_addresses, pending, rename_in_ledger, under_new_names
from lakeshare.app.values import Options, Planned
from lakeshare.errors import SpecError
from lakeshare.planning.build import Ours, build_plan
from lakeshare.planning.expand import expand
from lakeshare.planning.facts import Facts
from lakeshare.planning.graph import ResourceGraph
from lakeshare.planning.guards import Protection, protect
from lakeshare.planning.moves import account_moves
from lakeshare.planning.plan import Plan
from lakeshare.resources.registry import from_json, to_json
from lakeshare.resources.values import Absent, KnownAfter, Step, resolve
from lakeshare.spec import Spec, parse_spec
from lakeshare.state.ledger import Intent, Ledger, Settlement

INSTANCE = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
LAKE = "999999999999"
TABLES = ("agent_event", "contact_record", "users")
COLUMNS = {"users": ("user_id", "first_name", "last_name")}
IDS = {"p": "111111111111", "c": "222222222222", "d": "333333333333"}


# A spec as a draft that can be edited: accounts by what they are (not what they are called), and shares.
def fresh(protected: set[str]) -> dict[str, Any]:
    """Return three shares into two accounts, two readers each; *protected* are keys of accounts and names of shares."""
    accounts = {key: {"name": key, "before": None, "protect": key in protected} for key in IDS}
    shares = {
        name: {
            "to": to,
            "tables": list(TABLES),
            "readers": {"r": list(COLUMNS["users"]), "s": None},
            "protect": name in protected,
            "before": None,
            "key": name,
        }
        for name, to in (("one", "c"), ("two", "c"), ("three", "d"))
    }
    return {"accounts": accounts, "shares": shares, "is_all_said": True}


def spec_of(draft: dict[str, Any]) -> Spec | None:
    """Return the spec that *draft* stands for; None where it is not one."""
    accounts = draft["accounts"]
    document = {
        "version": 1,
        "name": "edited",
        "accounts": {
            account["name"]: {
                "id": IDS[key],
                "region": "eu-west-2",
                "protect": account["protect"],
                **({"moved": {"from": account["before"]}} if account["before"] else {}),
            }
            for key, account in accounts.items()
        },
        "shares": {name: _share(name, share, accounts) for name, share in draft["shares"].items()},
    }
    try:
        return parse_spec(yaml.safe_dump(document, sort_keys=False), {})
    except SpecError:
        return None


def _share(name: str, share: dict[str, Any], accounts: dict[str, Any]) -> dict[str, Any]:
    readers = [
        {
            "role": f"{role}-{name[0]}" if columns else f"{role}-{share['to']}",
            "create": {"service": "lambda.amazonaws.com"},
            **({"columns": {"users": columns}} if columns is not None and "users" in share["tables"] else {}),
        }
        for role, columns in share["readers"].items()
    ]
    return {
        "from": {"account": accounts["p"]["name"], "connect": {"instance": INSTANCE, "tables": share["tables"]}},
        "to": {"account": accounts[share["to"]]["name"], "database": "shared", "links": f"{name[0]}_{{table}}"},
        "readers": readers,
        "protect": share["protect"],
        **({"moved": {"from": share["before"]}} if share["before"] else {}),
    }


def facts_of(spec: Spec) -> Facts:
    """Return what a survey finds."""
    return Facts(
        operators={name: f"arn:aws:iam::{account.id}:role/operator" for name, account in spec.accounts.items()},
        data_sets={(name, INSTANCE): TABLES for name in spec.accounts},
        external_id_digests=dict.fromkeys(spec.accounts, "sha256:0011223344556677"),
    )


# Edits. Each takes numbers from which it chooses what to touch, so that all shrink well.
def drop_share(draft: dict[str, Any], pick: int) -> None:
    if name := chosen(draft["shares"], pick):
        del draft["shares"][name]


def drop_table(draft: dict[str, Any], pick: int) -> None:
    if (name := chosen(draft["shares"], pick)) and len(draft["shares"][name]["tables"]) > 1:
        del draft["shares"][name]["tables"][pick % len(draft["shares"][name]["tables"])]


def drop_reader(draft: dict[str, Any], pick: int) -> None:
    if name := chosen(draft["shares"], pick):
        readers = draft["shares"][name]["readers"]
        readers.pop(chosen(readers, pick // 7), None)


def drop_column(draft: dict[str, Any], pick: int) -> None:
    if name := chosen(draft["shares"], pick):
        columns = draft["shares"][name]["readers"].get("r")
        if columns and len(columns) > 1:
            del columns[pick % len(columns)]


def flip_share(draft: dict[str, Any], pick: int) -> None:
    if name := chosen(draft["shares"], pick):
        draft["shares"][name]["protect"] ^= True


def flip_account(draft: dict[str, Any], pick: int) -> None:
    account = draft["accounts"][chosen(IDS, pick)]
    account["protect"] ^= True


def rename_account(draft: dict[str, Any], pick: int) -> None:
    account = draft["accounts"][chosen(IDS, pick)]
    account["before"] = account["name"]
    account["name"] = f"{account['name'][0]}{pick % 1000}"


def rename_share(draft: dict[str, Any], pick: int) -> None:
    """Two times out of three with a word of it."""
    if name := chosen(draft["shares"], pick):
        share = draft["shares"].pop(name)
        share["before"] = name if pick % 3 else None
        draft["is_all_said"] &= pick % 3 > 0
        draft["shares"][f"{name[0]}{pick % 1000}"] = share


def chosen(things: Any, pick: int) -> Any:
    return sorted(things)[pick % len(things)] if things else None


EDITS = (drop_share, drop_table, drop_reader, drop_column, flip_share, flip_account, rename_account, rename_share)
edits = st.lists(st.tuples(st.sampled_from(EDITS), st.integers(0, 9999)), min_size=1, max_size=3)
protections = st.sets(st.sampled_from(["one", "two", "three", "c", "d"]), min_size=1, max_size=2)


class World:
    """Accounts in which every plan comes true, with a real ledger in memory."""

    def __init__(self) -> None:
        self.ledger = Ledger.open(Path("nowhere.db"), create=False)
        self.protected: set[str] = set()
        self.members: dict[str, set[str]] = {}

    def planned(self, spec: Spec, *, destroys: bool = False) -> Planned:
        """Plan as the app does."""
        names = pending(account_moves(spec), self.ledger)
        entries = self.ledger.entries()
        made = {
            address: replace(from_json(entry.kind, entry.resource), depends_on=entry.depends_on)
            for address, entry in entries.items()
        }
        ours = under_new_names(Ours(made, {}), names)
        asked = None if destroys else expand(spec, facts_of(spec))
        graph = asked or ResourceGraph()
        wanted = settled(graph)
        observed = {address: ours.last_known(address) or Absent() for address in (*wanted, *ours.addresses())}
        protection = Protection(spec, asked, remembered(self.ledger, new_addresses(self.ledger, names)))
        plan = protect(build_plan(graph, wanted, observed, ours), protection.refusal)
        return Planned(plan, graph, observed, ours, "", Options(), protection)

    def apply(self, draft: dict[str, Any], spec: Spec, planned: Planned) -> None:
        """Make the plan come true, and note independently what the spec protects from now on."""
        rename_in_ledger(self.ledger, account_moves(spec))
        remember(self.ledger, planned)
        run = self.ledger.begin_run("apply", "")
        steps, gone = planned.plan.steps, [item.address for item in planned.plan.no_ops if item.forget]
        self.ledger.forget(gone)
        self.ledger.intend(run, [_intent(step) for step in steps])
        self.ledger.settle(run, [_settlement(step) for step in steps])
        self.protected = protected_now(spec)
        self.members = {share["key"]: wanted_alone(spec, name) for name, share in draft["shares"].items()}

    def may_be_kept(self, draft: dict[str, Any], spec: Spec) -> set[str]:
        """Say what `protect: true` may keep at most: what it kept, what it keeps now, and what its shares had."""
        had = [self.members.get(share["key"], set()) for share in draft["shares"].values() if share["protect"]]
        guarded = tuple(f"{account.id}/" for account in spec.accounts.values() if account.protect)
        inside = {item for members in self.members.values() for item in members if item.startswith(guarded)}
        return self.protected.union(protected_now(spec), inside, *had)


def _intent(step: Step) -> Intent:
    return Intent(step.address, step.kind, step.action, to_json(step.resource), step.resource.depends_on, 1.0)


def _settlement(step: Step) -> Settlement:
    return Settlement(step.address, "gone" if step.action == "delete" else "made")


def settled(graph: ResourceGraph) -> dict[str, Any]:
    known = {"share_arns": (f"arn:aws:ram:eu-west-2:{LAKE}:resource-share/x",), "lake_account": LAKE}
    return {address: resolve(item, lambda unknown: tell(unknown, known)) for address, item in graph.resources.items()}


def tell(unknown: KnownAfter, known: dict[str, Any]) -> Any:
    return known[unknown.attribute]


def protected_now(spec: Spec) -> set[str]:
    """
    Say what *spec* protects, by identities that no rename changes: whatever a protected share alone would ask for, and
    whatever is in a protected account.
    """
    kept = tuple(f"{account.id}/" for account in spec.accounts.values() if account.protect)
    return {
        item
        for name, share in spec.shares.items()
        for item in wanted_alone(spec, name)
        if share.protect or item.startswith(kept)
    }


def wanted_alone(spec: Spec, name: str) -> set[str]:
    """Return the identities of what the share *name* would ask for if there were no other."""
    alone = spec.model_copy(update={"shares": {name: spec.shares[name]}})
    return {identity(item) for item in expand(alone, facts_of(spec)).resources.values()}


def identity(item: Any) -> str:
    """Return the address of *item* with ids in place of the names of accounts, whatever number these have now."""
    return re.sub(r"(?:^|(?<=invitation:))([pcd])\d*(?=[/.])", lambda name: IDS[name[1]], str(item.address))


def taken(plan: Plan) -> set[str]:
    return {identity(step.resource) for step in plan.steps if step.surely_takes_away}


def kept(plan: Plan) -> set[str]:
    by_address = {step.address: step.resource for step in plan.steps}
    return {identity(by_address[item.address]) for item in plan.blockers if "protect: true" in item.reason}


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(protected=protections, rounds=st.lists(edits, min_size=1, max_size=4))
def test_what_was_protected_is_never_taken_away(protected: set[str], rounds: list[list[tuple[Any, int]]]) -> None:
    """Shares, tables, readers and columns go, names change, `protect` is flipped: it takes two applies, not one."""
    draft, world = fresh(protected), World()

    for changes in [[], *rounds]:
        for change, pick in changes:
            change(draft, pick)
        spec = spec_of(draft)
        if spec is None:
            continue
        planned, destroyed = world.planned(spec), world.planned(spec, destroys=True)
        for plan in (planned.plan, destroyed.plan):
            if not plan.blockers:
                assert not taken(plan) & (world.protected | protected_now(spec))
        if draft["is_all_said"]:
            assert kept(planned.plan) <= world.may_be_kept(draft, spec)
        if not planned.plan.blockers:
            world.apply(draft, spec, planned)
            again = world.planned(spec).plan.steps
            # What IAM would show of a policy is not kept here, so policies are written again.
            assert [step.address for step in again if step.kind != "iam_policy"] == []
