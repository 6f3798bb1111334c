"""
What planning takes as grants become many: seconds, microseconds a grant, and the most memory held.

    python bench/scale.py [grants ...] [--only PART] ...      10,000, 100,000 and 1,000,000 when none are given

Every figure is taken of the functions that `lakeshare plan` and `apply` themselves run, on a spec of the size asked
for: readers of 48 tables, half of them made here with a policy each, half there already; half of the shares are of
Connect's lake, half of the producer's own tables; no more than 2,000 readers to a consumer's account. AWS is a stub
that answers from memory. Each part runs in a process of its own, so that the memory it took at most is its own too.

Grants a second are judged by the processor's time, which other work on the machine does not stretch; the wall's time
stands beside it. The last column is how much more a grant costs than at the size before: 1.00 is linear.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import yaml

from lakeshare.app.perform import Performer
from lakeshare.app.workspace import Workspace
from lakeshare.catalogue import tables
from lakeshare.engine.execute import Done, execute
from lakeshare.planning.build import Ours, build_plan
from lakeshare.planning.expand import expand
from lakeshare.planning.facts import Facts
from lakeshare.planning.graph import ResourceGraph
from lakeshare.planning.guards import Protection, protect
from lakeshare.planning.plan import Plan
from lakeshare.planning.plan_file import parse_plan
from lakeshare.planning.plan_file import plan_document as plan_file
from lakeshare.planning.target import narrow
from lakeshare.report.json import plan_document
from lakeshare.report.plan_view import view_plan
from lakeshare.report.text.page import Page
from lakeshare.report.text.plan import render_plan
from lakeshare.resources.connect_association.model import ConnectAssociation
from lakeshare.resources.iam_policy.model import IamPolicy, canonical
from lakeshare.resources.kind import Memory, Run
from lakeshare.resources.lake_grant.model import LakeGrant
from lakeshare.resources.observe import Observation, observe
from lakeshare.resources.registry import KINDS, to_json
from lakeshare.resources.values import Absent, resolve
from lakeshare.spec import Spec, parse_spec
from lakeshare.state.ledger import Intent, Ledger, Settlement

SIZES = (10_000, 100_000, 1_000_000)
INSTANCE = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
PRODUCER, LAKE = "111111111111", "333333333333"
REGION = "eu-west-2"
SHARE = f"arn:aws:ram:{REGION}:{LAKE}:resource-share/0f1e"
KNOWN = {"lake_account": LAKE, "share_arns": (SHARE,)}
READERS_PER_CONSUMER = 2_000
OWN_TABLES = tuple(f"own_{number:02}" for number in range(48))
GRANTS_PER_READER = 2 * 48 + 1
PAGE_ROWS = 1_000
APPLY_ROOF = 100_000
"""Sizes above are left out where steps are performed: each batch waits twice for the disk."""


def spec_text(grants: int, links: str = "{table}_link") -> str:
    """Write the spec of about as many *grants*."""
    readers = max(2, round(grants / GRANTS_PER_READER))
    consumers = -(-readers // READERS_PER_CONSUMER)
    accounts = {"producer": {"id": PRODUCER, "region": REGION}}
    shares = {}
    for at in range(consumers):
        mine = range(at, readers, consumers)
        alias = f"consumer{at}"
        accounts[alias] = {"id": f"{222222222222 + at}", "region": REGION}
        sources = {"connect": {"instance": INSTANCE, "tables": "all"}, "catalog": {"database": "own", "tables": "all"}}
        for source, settings in sources.items():
            some = mine[: len(mine) // 2] if source == "connect" else mine[len(mine) // 2 :]
            shares[f"{alias}-{source}"] = {
                "from": {"account": "producer", source: settings},
                "to": {"account": alias, "database": f"analytics_{source}", "links": links},
                "readers": [_reader(number) for number in some],
            }
    document = {"version": 1, "name": "scale", "accounts": accounts, "shares": shares}
    return yaml.dump(document, Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper), sort_keys=False)


def _reader(number: int) -> dict[str, Any]:
    created = {"create": {"service": "lambda.amazonaws.com"}} if number % 2 else {}
    return {"role": f"analytics-reader-{number:05}", **created}


def facts_about(spec: Spec) -> Facts:
    """Return what a survey of fresh accounts would find."""
    there = {
        (share.to.account, reader.role): f"arn:aws:iam::{spec.accounts[share.to.account].id}:role/{reader.role}"
        for share in spec.shares.values()
        for reader in share.readers
        if reader.create is None
    }
    allowed = ["athena:*", "glue:Get*", "glue:BatchGetPartition", "s3:*", "lakeformation:GetDataAccess"]
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": allowed, "Resource": "*"}]}
    return Facts(
        operators={alias: f"arn:aws:iam::{account.id}:role/operator" for alias, account in spec.accounts.items()},
        data_sets={("producer", INSTANCE): tuple(tables())},
        tables={("producer", "own"): dict.fromkeys(OWN_TABLES, ("id", "name", "at"))},
        cross_account_versions={"producer": 4},
        reader_roles=there,
        reader_policies={spot: (json.loads(json.dumps(policy)),) for spot in there},
        external_id_digests=dict.fromkeys(spec.accounts, "sha256:0011223344556677"),
    )


def as_applied(graph: ResourceGraph) -> dict[str, Any]:
    """Return the graph's resources as they stand once everything is done; each call makes values of their own."""

    def there(item: Any) -> Any:
        item = resolve(item, lambda unknown: KNOWN[unknown.attribute])
        match item:
            case ConnectAssociation():
                return replace(item, share_arn=SHARE)
            case IamPolicy():
                return replace(item, live=canonical(item.document()))
            case LakeGrant() if item.is_to_account:
                return replace(item, share_arns=(SHARE,))
        return replace(item)

    return {address: there(item) for address, item in graph.resources.items()}


def filled_in(graph: ResourceGraph, observed: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is wanted, as `observe` hands it on: with what is known of its unknowns."""
    seen = Observation(found=dict(observed))
    return {address: resolve(item, seen.lookup) for address, item in graph.resources.items()}


@dataclass
class Tally:
    """What a part took: seconds by what was done, of the processor's and of the wall's; and the number of *grants*."""

    grants: int = 0
    seconds: dict[str, tuple[float, float]] = field(default_factory=dict)

    @contextmanager
    def timed(self, what: str) -> Iterator[SimpleNamespace]:
        """Take the time, but for ``excused`` seconds: what the bench itself took meanwhile to play AWS."""
        aside = SimpleNamespace(excused=0.0)
        started, started_cpu = time.perf_counter(), time.process_time()
        yield aside
        cpu, wall = time.process_time() - started_cpu, time.perf_counter() - started
        self.seconds[what] = (cpu - aside.excused, wall - aside.excused)

    def expanded(self, size: int) -> ResourceGraph:
        """Return the graph of *size* grants, the time for it not taken."""
        spec = parse_spec(spec_text(size), {}, shown_as="lakeshare.yaml")
        return self.counted(expand(spec, facts_about(spec)))

    def counted(self, graph: ResourceGraph) -> ResourceGraph:
        """Note how many grants there are in *graph*."""
        self.grants = sum(isinstance(item, LakeGrant) for item in graph.resources.values())
        return graph


def from_nothing(size: int, tally: Tally) -> Plan:
    text = spec_text(size)
    with tally.timed("read the spec"):
        spec = parse_spec(text, {}, shown_as="lakeshare.yaml")
    facts = facts_about(spec)
    with tally.timed("expand"):
        graph = expand(spec, facts)
    tally.counted(graph)
    observed = dict.fromkeys(graph.resources, Absent())
    with tally.timed("plan from nothing"):
        plan = build_plan(graph, graph.resources, observed, Ours({}, {}))
    assert len(plan.steps) == len(graph.resources)
    return plan


def in_place(size: int, tally: Tally) -> None:
    graph = tally.expanded(size)
    made = as_applied(graph)
    lister, memory = Lister.of(made.values()), Memory()
    for address, item in graph.resources.items():
        if not isinstance(item, LakeGrant):
            memory.keep(resolve(item, lambda unknown: KNOWN[unknown.attribute]), made[address])
    with tally.timed("look at what is there") as aside:
        seen = observe(Run(lister, memory=memory), graph.resources.values())
        aside.excused = lister.excused
    with tally.timed("plan with everything in place"):
        plan = build_plan(graph, seen.wanted, seen.found, Ours(made, {}))
    assert not plan.steps, plan.steps[0]
    assert len(plan.no_ops) == len(graph.resources)


def changed(size: int, tally: Tally) -> Plan:
    """Every link is called otherwise, so that each reader gets and loses a grant for each table."""
    graph = tally.expanded(size)
    there = as_applied(graph)
    spec = parse_spec(spec_text(size, links="{table}"), {}, shown_as="lakeshare.yaml")
    after = expand(spec, facts_about(spec))
    observed = {**dict.fromkeys(after.resources, Absent()), **there}
    wanted = filled_in(after, observed)
    with tally.timed("plan with every link renamed"):
        plan = build_plan(after, wanted, observed, Ours(there, {}))
    assert plan.deletes >= tally.grants * 0.48, plan.counts()
    waits = sum(len(step.depends_on) for step in plan.steps)
    assert waits < 12 * len(plan.steps), waits
    return plan


def destroyed(size: int, tally: Tally) -> Plan:
    there = as_applied(tally.expanded(size))
    with tally.timed("plan to take everything away"):
        plan = build_plan(ResourceGraph(), {}, there, Ours(there, {}))
    assert plan.deletes >= tally.grants
    return plan


@dataclass
class Lister:
    """Stands for AWS where grants are listed: one page after the other, made up as they are asked for."""

    held: Mapping[str, Sequence[LakeGrant]]
    excused: float = 0.0

    @classmethod
    def of(cls, resources: Iterable[Any]) -> Any:
        """Return one that lists those of *resources* that are grants; it passes for all of AWS."""
        held: dict[str, list[LakeGrant]] = defaultdict(list)
        for item in resources:
            if isinstance(item, LakeGrant):
                held[f"{item.place.alias} {item.catalog}"].append(item)
        return cls(held)

    def in_parallel(self, function: Callable[[Any], Any], items: Sequence[Any]) -> list[Any]:
        """Return what *function* answers for each item."""
        return [function(item) for item in items]

    def pages(self, *where: str, **params: Any) -> Iterator[dict[str, Any]]:
        """Yield the rows of the catalog in question, each text a copy of its own, as texts come off the wire."""
        held = self.held.get(f"{where[0]} {params['CatalogId']}", ())
        for at in range(0, len(held), PAGE_ROWS):
            started = time.process_time()
            rows = json.loads(json.dumps([_row(item) for item in held[at : at + PAGE_ROWS]]))
            self.excused += time.process_time() - started
            yield from rows


def _row(item: LakeGrant) -> dict[str, Any]:
    """Write one row of ListPermissions as AWS does: SELECT on a table comes back as all of its columns."""
    shape = item.resource_of(None)
    if item.permission == "SELECT":
        shape = {"TableWithColumns": {**shape["Table"], "ColumnWildcard": {}}}
    return {
        "Principal": {"DataLakePrincipalIdentifier": item.principal},
        "Resource": shape,
        "Permissions": [item.permission],
        "PermissionsWithGrantOption": [item.permission] if item.grantable else [],
        **({"AdditionalDetails": {"ResourceShare": list(item.share_arns)}} if item.share_arns else {}),
        "LastUpdated": 1764115200.0,
        "LastUpdatedBy": "arn:aws:iam::111111111111:role/operator",
    }


def remembered(size: int, tally: Tally) -> None:
    spec = parse_spec(spec_text(size), {}, shown_as="lakeshare.yaml")
    graph = tally.counted(expand(spec, facts_about(spec)))
    there = as_applied(graph)
    with tempfile.TemporaryDirectory() as folder, Ledger.open(Path(folder) / "scale.db") as ledger:
        run_id = ledger.begin_run("apply", "sha256:0")
        addresses = list(there)
        for at in range(0, len(addresses), PAGE_ROWS):
            some = [there[address] for address in addresses[at : at + PAGE_ROWS]]
            ledger.intend(
                run_id, [Intent(one.address, one.kind, "create", to_json(one), one.depends_on, 1.0) for one in some]
            )
            ledger.settle(run_id, [Settlement(one.address, "made", to_json(one)) for one in some])
        del graph, there
        with tally.timed("read the ledger: entries alone"):
            assert len(ledger.entries()) == len(addresses)
        unused: Any = None
        space = Workspace(unused, spec, ledger, run_id, unused, {}, unused, unused)
        with tally.timed("read the ledger: as resources"):
            ours = space.ours()
        assert len(ours.made) == len(addresses)


def shown(size: int, tally: Tally) -> None:
    spec = parse_spec(spec_text(size), {}, shown_as="lakeshare.yaml")
    graph = tally.counted(expand(spec, facts_about(spec)))
    observed = dict.fromkeys(graph.resources, Absent())
    plan = build_plan(graph, graph.resources, observed, Ours({}, {}))
    depends_on = {address: item.depends_on for address, item in graph.resources.items()}
    with tally.timed("narrow to every grant"):
        assert len(narrow(plan, ["*/grant:*"], depends_on).steps) >= tally.grants
    with tally.timed("protect"):
        protect(plan, Protection(spec, graph, {}).refusal)
    with tally.timed("write the plan as a file"):
        text = json.dumps(plan_file(plan, "sha256:0", observed, graph.resources, Ours({}, {}), (), ()), indent=1)
    with tally.timed("read a plan file"):
        parse_plan(text.encode(), "plan.json")
    with tally.timed("arrange for people"):
        view = view_plan(plan)
    with tally.timed("write for people"):
        render_plan(view, Page(StringIO()))
    with tally.timed("write as JSON"):
        json.dumps(plan_document(view), indent=2)


def scheduled(size: int, tally: Tally) -> None:
    """Carry every step out, each batch by a function that does nothing: what is left is the engine's own."""
    for planned in (from_nothing, changed, destroyed):
        plan = planned(size, Tally())
        tally.grants = sum(step.kind == "lake_grant" for step in plan.steps)
        with tally.timed(f"schedule: {planned.__name__.replace('_', ' ')}"):
            outcomes = execute(
                plan.steps,
                perform=lambda batch: {step.address: Done(None) for step in batch},
                lane_of=lambda step: KINDS[step.kind].lane(step),
                conflicts_of=lambda step: KINDS[step.kind].conflicts(step),
            )
        assert len(outcomes) == len(plan.steps)


def performed(size: int, tally: Tally) -> None:
    """Carry the grants out with a ledger on disk, AWS answering at once."""
    graph = tally.expanded(size)
    observed = as_applied(graph)
    for address, item in graph.resources.items():
        if isinstance(item, LakeGrant) and not item.is_to_account:
            observed[address] = Absent()
    plan = build_plan(graph, filled_in(graph, observed), observed, Ours({}, {}))
    anything: Any = SimpleNamespace(refusal=lambda _step: None)
    aws: Any = SimpleNamespace(call=lambda *_where, **_params: {"Failures": []})
    with tempfile.TemporaryDirectory() as folder, Ledger.open(Path(folder) / "scale.db") as ledger:
        run_id = ledger.begin_run("apply", "sha256:0")
        depends_on = {address: item.depends_on for address, item in graph.resources.items()}
        performer = Performer(Run(aws), ledger, run_id, observed, depends_on, {}, anything)
        with tally.timed("perform every grant, ledger on disk"):
            outcomes = execute(
                plan.steps,
                perform=performer.perform,
                lane_of=lambda step: KINDS[step.kind].lane(step),
                conflicts_of=lambda step: KINDS[step.kind].conflicts(step),
            )
        assert all(isinstance(outcome, Done) for outcome in outcomes.values())
        assert len(ledger.entries()) == len(plan.steps)


PARTS: Mapping[str, Callable[[int, Tally], object]] = {
    "from nothing": from_nothing,
    "everything in place": in_place,
    "links renamed": changed,
    "taken away": destroyed,
    "ledger read": remembered,
    "plan shown": shown,
    "steps scheduled": scheduled,
    "grants performed": performed,
}


def measure(part: str, size: int) -> None:
    """Run one *part* in this process and write down what it took."""
    tally = Tally()
    PARTS[part](size, tally)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"grants": tally.grants, "seconds": tally.seconds, "peak_mb": peak_mb}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", nargs="*", type=int, metavar="grants", default=SIZES)
    parser.add_argument("--only", action="append", choices=list(PARTS), metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.here:
        measure(asked.only[0], asked.sizes[0])
        return
    before: dict[str, float] = {}
    print(f"{'grants':>9}  {'':36}   {'wall':>8} {'processor':>9} {'a grant':>9}  against the size before")
    for size in asked.sizes:
        for part in asked.only or PARTS:
            if part == "grants performed" and size > APPLY_ROOF:
                continue
            _tell(part, size, before)


def _tell(part: str, size: int, before: dict[str, float]) -> None:
    command = [sys.executable, __file__, str(size), "--only", part, "--here"]
    answer = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    grants = answer["grants"]
    for what, (cpu, wall) in answer["seconds"].items():
        each = cpu / grants * 1e6
        ratio = f"{each / before[what]:.2f}" if what in before else ""
        print(f"{grants:>9,}  {what:36} {wall:8.2f} s {cpu:7.2f} s {each:6.1f} us  {ratio}")
        before[what] = each
    print(f"{grants:>9,}  {part + ': most memory':36} {answer['peak_mb']:8.0f} MB", flush=True)


if __name__ == "__main__":
    main()
