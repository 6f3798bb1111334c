"""
What planning takes as grants become many: seconds, microseconds a grant, and the most memory held.

    python bench/scale.py [grants ...]          10,000, 100,000 and 1,000,000 when none are given

Every figure is taken of the functions that `lakeshare plan` and `apply` themselves run, on a spec of the size asked
for: readers of 48 tables, half of them made here with a policy each, half there already; half of the shares are of
Connect's lake, half of the producer's own tables; no more than 2,000 readers to a consumer's account. Each part runs in
a process of its own, so that the memory it took at most is its own too.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import yaml

from lakeshare.catalogue import tables
from lakeshare.planning.build import Ours, build_plan
from lakeshare.planning.expand import expand
from lakeshare.planning.facts import Facts
from lakeshare.planning.graph import ResourceGraph
from lakeshare.resources.connect_association.model import ConnectAssociation
from lakeshare.resources.iam_policy.model import IamPolicy, canonical
from lakeshare.resources.lake_grant.model import LakeGrant
from lakeshare.resources.observe import Observation
from lakeshare.resources.values import Absent, resolve
from lakeshare.spec import Spec, parse_spec

SIZES = (10_000, 100_000, 1_000_000)
INSTANCE = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
PRODUCER, LAKE = "111111111111", "333333333333"
REGION = "eu-west-2"
SHARE = f"arn:aws:ram:{REGION}:{LAKE}:resource-share/0f1e"
READERS_PER_CONSUMER = 2_000
OWN_TABLES = tuple(f"own_{number:02}" for number in range(48))
GRANTS_PER_READER = 2 * 48 + 1


def spec_text(grants: int) -> str:
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
                "to": {"account": alias, "database": f"analytics_{source}", "links": "{table}_link"},
                "readers": [_reader(number) for number in some],
            }
    document = {"version": 1, "name": "scale", "accounts": accounts, "shares": shares}
    return yaml.dump(document, Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper), sort_keys=False)


def _reader(number: int) -> dict[str, Any]:
    created = {"create": {"service": "lambda.amazonaws.com"}} if number % 2 else {}
    return {"role": f"analytics-reader-{number:05}", **created}


def facts_about(spec: Spec) -> Facts:
    """Return what a survey of fresh accounts would find."""
    return Facts(
        operators={alias: f"arn:aws:iam::{account.id}:role/operator" for alias, account in spec.accounts.items()},
        data_sets={("producer", INSTANCE): tuple(tables())},
        tables={("producer", "own"): dict.fromkeys(OWN_TABLES, ("id", "name", "at"))},
        cross_account_versions={"producer": 4},
        reader_roles={
            (share.to.account, reader.role): f"arn:aws:iam::{spec.accounts[share.to.account].id}:role/{reader.role}"
            for share in spec.shares.values()
            for reader in share.readers
            if reader.create is None
        },
        external_id_digests=dict.fromkeys(spec.accounts, "sha256:0011223344556677"),
    )


def as_applied(graph: ResourceGraph) -> dict[str, Any]:
    """Return the graph's resources as they stand once everything is done; each call makes values of their own."""
    known = {"lake_account": LAKE, "share_arns": (SHARE,)}

    def there(item: Any) -> Any:
        item = resolve(item, lambda unknown: known[unknown.attribute])
        match item:
            case ConnectAssociation():
                return replace(item, share_arn=SHARE)
            case IamPolicy():
                return replace(item, live=canonical(item.document()))
            case LakeGrant() if item.is_to_account:
                return replace(item, share_arns=(SHARE,))
        return replace(item)

    return {address: there(item) for address, item in graph.resources.items()}


@dataclass
class Tally:
    """What a part took: seconds by what was done, and *grants*, by which the seconds are divided."""

    grants: int
    seconds: dict[str, float]

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        """Take the time."""
        started = time.perf_counter()
        yield
        self.seconds[what] = time.perf_counter() - started


def expanded(size: int, tally: Tally) -> ResourceGraph:
    text = spec_text(size)
    with tally.timed("read the spec"):
        spec = parse_spec(text, {}, shown_as="lakeshare.yaml")
    facts = facts_about(spec)
    with tally.timed("expand"):
        graph = expand(spec, facts)
    tally.grants = sum(isinstance(item, LakeGrant) for item in graph.resources.values())
    return graph


def from_nothing(size: int, tally: Tally) -> None:
    graph = expanded(size, tally)
    observed = dict.fromkeys(graph.resources, Absent())
    with tally.timed("plan from nothing"):
        plan = build_plan(graph, graph.resources, observed, Ours({}, {}))
    assert len(plan.steps) == len(graph.resources)


def in_place(size: int, tally: Tally) -> None:
    graph = expanded(size, tally)
    del tally.seconds["read the spec"], tally.seconds["expand"]
    observed, made = as_applied(graph), as_applied(graph)
    seen = Observation(found=observed)
    with tally.timed("fill in what is known"):
        wanted = {address: resolve(item, seen.lookup) for address, item in graph.resources.items()}
    with tally.timed("plan with everything in place"):
        plan = build_plan(graph, wanted, observed, Ours(made, {}))
    assert not plan.steps, plan.steps[0]
    assert len(plan.no_ops) == len(graph.resources)


PARTS: Mapping[str, Callable[[int, Tally], None]] = {"from nothing": from_nothing, "everything in place": in_place}


def measure(part: str, size: int) -> None:
    """Run one *part* in this process and write down what it took."""
    tally = Tally(0, {})
    PARTS[part](size, tally)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"grants": tally.grants, "seconds": tally.seconds, "peak_mb": peak / 1024}))


def main() -> None:
    if sys.argv[1:2] == ["--part"]:
        measure(sys.argv[2], int(sys.argv[3]))
        return
    sizes = [int(size.replace(",", "").replace("_", "")) for size in sys.argv[1:]] or SIZES
    before: dict[str, float] = {}
    for size in sizes:
        for part in PARTS:
            command = [sys.executable, __file__, "--part", part, str(size)]
            answer = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
            grants = answer["grants"]
            for what, seconds in answer["seconds"].items():
                each = seconds / grants * 1e6
                ratio = f"{each / before[what]:.2f} times" if what in before else ""
                print(f"{grants:>9,}  {what:35} {seconds:8.2f} s {each:8.1f} us/grant  {ratio}")
                before[what] = each
            print(f"{grants:>9,}  {part + ': most memory':35} {answer['peak_mb']:8.0f} MB", flush=True)


if __name__ == "__main__":
    main()
