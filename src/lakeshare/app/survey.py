"""Reads the few facts that expanding a spec needs; see `planning.facts.Facts`. Calls only Get and List operations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from lakeshare.app.people import people_of
from lakeshare.aws.access import Begun
from lakeshare.errors import CallError
from lakeshare.planning.expand import place_of
from lakeshare.planning.facts import Facts
from lakeshare.resources.administrators import cross_account_version, operator_sees_all, settings_or_refusal
from lakeshare.resources.athena_workgroup import find_workgroup
from lakeshare.resources.iam_role import digest_of
from lakeshare.resources.kind import Run
from lakeshare.resources.lake_grant import IAM_ALLOWED_PRINCIPALS, walk_once
from lakeshare.resources.values import Place, Unreadable
from lakeshare.spec import CatalogSource, ConnectSource, Spec
from lakeshare.spec.ways import used_accounts


def blind_places(run: Run, places: Iterable[Place]) -> frozenset[Place]:
    """Return those of *places* where the operator is no Lake Formation administrator and much is hidden."""
    asked = list(dict.fromkeys(places))
    sees = run.aws.in_parallel(lambda place: operator_sees_all(run, place), asked)
    return frozenset(place for place, is_seen in zip(asked, sees, strict=True) if not is_seen)


def survey(run: Run, spec: Spec, external_ids: Mapping[str, str]) -> Facts:
    """
    Return the facts.

    *external_ids* are the ExternalIds, by account, with which the operator acts as a reader. Raises IdentityError
    when a session is in another account than the spec says, before anything else is asked.
    """
    aliases = used_accounts(spec)
    run.aws.in_parallel(run.aws.sign_in, aliases)
    # From here on nothing that is asked needs another's answer, but for what is handed on as begun.
    begin = run.aws.begin
    identities = begin(lambda: run.aws.in_parallel(run.aws.identity, aliases))
    governed = _governed(spec)
    blind = begin(lambda: blind_places(run, governed))
    tables = begin(lambda: _own_tables(run, spec, blind))
    data_sets = begin(lambda: _data_sets(run, spec))
    open_tables = begin(lambda: _open_tables(run, spec))
    people = begin(lambda: people_of(run, spec))
    ruled_defaults = begin(lambda: _ruled_defaults(run, spec, blind))
    results_places = begin(lambda: _results_places(run, spec))
    listed, unlisted = tables.result()
    facts = Facts(
        operators={identity.alias: identity.principal_arn for identity in identities.result()},
        data_sets=data_sets.result(),
        tables=listed,
        open_tables=open_tables.result(),
        cross_account_versions={place.alias: _cross_account_version(run, place) for place in governed},
        reader_roles=people.result().roles,
        reader_policies=people.result().policies,
        sso_roles=people.result().sso_roles,
        reader_users=people.result().users,
        standing_roles=people.result().standing,
        trust_limits=people.result().trust_limits,
        ruled_defaults=ruled_defaults.result(),
        unlisted=unlisted,
        results_places=results_places.result(),
    )
    return with_external_ids(facts, external_ids)


def with_external_ids(facts: Facts, external_ids: Mapping[str, str]) -> Facts:
    """Return *facts* with what planning may know of the ExternalIds, by account: their digests and lengths."""
    return replace(
        facts,
        external_id_digests={alias: digest_of(secret) for alias, secret in external_ids.items()},
        external_id_lengths={alias: len(secret) for alias, secret in external_ids.items()},
    )


def services_looked_at(spec: Spec) -> list[str]:
    """List the services that a look around calls in any case, those first whose answers are waited for longest."""
    has_connect = any(isinstance(share.source, ConnectSource) for share in spec.shares.values())
    return [*(["connect"] if has_connect else []), "lakeformation", "glue", "iam", "athena", "ram"]


def _governed(spec: Spec) -> list[Place]:
    """List the places where lakeshare works with Lake Formation: all consumers, and producers of their own tables."""
    aliases = [
        alias
        for share in spec.shares.values()
        for alias in (share.to.account, *([share.source.account] if isinstance(share.source, CatalogSource) else []))
    ]
    return [place_of(spec, alias) for alias in dict.fromkeys(aliases)]


def _cross_account_version(run: Run, place: Place) -> int:
    settings = settings_or_refusal(run, place)
    return 1 if isinstance(settings, Unreadable) else cross_account_version(settings)


def _data_sets(run: Run, spec: Spec) -> dict[tuple[str, str], tuple[str, ...]]:
    instances = dict.fromkeys(
        (share.source.account, share.source.instance)
        for share in spec.shares.values()
        if isinstance(share.source, ConnectSource)
    )

    def read(spot: tuple[str, str]) -> tuple[str, ...]:
        alias, instance = spot
        region = spec.accounts[alias].region
        rows = run.aws.pages(
            alias, region, "connect", "list_analytics_data_lake_data_sets", "Results", InstanceId=instance
        )
        return tuple(row["DataSetId"] for row in rows)

    return dict(zip(instances, run.aws.in_parallel(read, list(instances)), strict=True))


def _databases(spec: Spec) -> list[tuple[str, str]]:
    return list(
        dict.fromkeys(
            (share.source.account, share.source.database)
            for share in spec.shares.values()
            if isinstance(share.source, CatalogSource)
        )
    )


def _own_tables(
    run: Run, spec: Spec, blind: Begun[frozenset[Place]]
) -> tuple[dict[tuple[str, str], dict[str, tuple[str, ...]]], frozenset[tuple[str, str]]]:
    """Return the tables of the producers' databases, and which databases may hold tables that are hidden."""
    spots = _databases(spec)
    found = run.aws.in_parallel(lambda spot: _listed_tables(run, place_of(spec, spot[0]), spot[1], blind), spots)
    tables = {spot: listed for spot, listed in zip(spots, found, strict=True) if listed is not None}
    # What a list leaves out without a word cannot be told from what is not there.
    return tables, frozenset(spot for spot in spots if place_of(spec, spot[0]) in blind.result())


def _listed_tables(
    run: Run, place: Place, database: str, blind: Begun[frozenset[Place]]
) -> dict[str, tuple[str, ...]] | None:
    """Return the columns of each table; None where the database itself may be hidden."""
    try:
        rows = list(
            run.aws.pages(
                place.alias,
                place.region,
                "glue",
                "get_tables",
                "TableList",
                CatalogId=place.account_id,
                DatabaseName=database,
            )
        )
    except CallError as error:
        if error.aws_code in ("AccessDeniedException", "EntityNotFoundException") and place in blind.result():
            return None
        if error.aws_code == "EntityNotFoundException":
            error.hint = f"the spec's `catalog: {{database: {database}}}` names a database that is not there"
        raise
    # A link is no table of the producer's own, and what it points at is not its to share.
    return {row["Name"]: _columns(row) for row in rows if "TargetTable" not in row}


def _columns(row: Mapping[str, Any]) -> tuple[str, ...]:
    columns = [*row.get("StorageDescriptor", {}).get("Columns", ()), *row.get("PartitionKeys", ())]
    return tuple(column["Name"] for column in columns)


def _open_tables(run: Run, spec: Spec) -> dict[tuple[str, str], frozenset[str]]:
    found: dict[tuple[str, str], set[str]] = {spot: set() for spot in _databases(spec)}
    aliases = list(dict.fromkeys(alias for alias, _database in found))
    places = [place_of(spec, alias) for alias in aliases]
    walks = run.aws.in_parallel(lambda place: walk_once(run, place, place.account_id), places)
    for alias, walk in zip(aliases, walks, strict=True):
        if isinstance(walk, Unreadable):
            continue
        for principal, _catalog, database, table, permission in walk:
            is_open = principal == IAM_ALLOWED_PRINCIPALS and permission == "ALL"
            if is_open and table is not None and (alias, database) in found:
                found[alias, database].add(table)
    return {spot: frozenset(tables) for spot, tables in found.items()}


def _results_places(run: Run, spec: Spec) -> dict[tuple[str, str], str]:
    """Return where the workgroups that the spec names, and that exist, put the results of queries."""
    named = dict.fromkeys(
        (share.to.account, share.to.athena.workgroup) for share in spec.shares.values() if share.to.athena.workgroup
    )

    def read(spot: tuple[str, str]) -> str | None:
        there = find_workgroup(run, place_of(spec, spot[0]), spot[1])
        return None if there is None else there.output_location

    found = zip(named, run.aws.in_parallel(read, list(named)), strict=True)
    return {spot: location for spot, location in found if location is not None}


def _ruled_defaults(run: Run, spec: Spec, blind: Begun[frozenset[Place]]) -> frozenset[str]:
    aliases = list(dict.fromkeys(share.to.account for share in spec.shares.values()))
    ruled = run.aws.in_parallel(lambda alias: _is_default_ruled(run, place_of(spec, alias), blind), aliases)
    return frozenset(alias for alias, is_ruled in zip(aliases, ruled, strict=True) if is_ruled)


def _is_default_ruled(run: Run, place: Place, blind: Begun[frozenset[Place]]) -> bool:
    """
    Tell whether a database ``default`` exists that Lake Formation, and not IAM alone, decides about.

    Who is no administrator and sees it nevertheless sees it because it is open to IAM; the list would not say so.
    """
    try:
        run.aws.call(place.alias, place.region, "glue", "get_database", CatalogId=place.account_id, Name="default")
    except CallError as error:
        if error.aws_code == "EntityNotFoundException":
            return False
        if error.aws_code == "AccessDeniedException":
            return True
        raise
    if place in blind.result():
        return False
    try:
        rows = list(
            run.aws.pages(
                place.alias,
                place.region,
                "lakeformation",
                "list_permissions",
                "PrincipalResourcePermissions",
                CatalogId=place.account_id,
                Resource={"Database": {"CatalogId": place.account_id, "Name": "default"}},
            )
        )
    except CallError as error:
        if error.aws_code == "AccessDeniedException":
            return True
        raise
    return not any(
        row["Principal"]["DataLakePrincipalIdentifier"] == IAM_ALLOWED_PRINCIPALS and "ALL" in row["Permissions"]
        for row in rows
    )
