"""What holds of grants whatever others grant beside ours, in whatever parts and order, and wherever a run dies."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lakeshare.resources.lake_grant import LakeGrant, Parts
from lakeshare.resources.lake_grant.diff import diff
from lakeshare.resources.lake_grant.held import Held, add_row, key_of
from lakeshare.resources.lake_grant.model import unfinished
from lakeshare.resources.lake_grant.read import observed_in
from lakeshare.resources.values import Absent, Blocker, NoOp, Place, Step, Unreadable

PLACE = Place("consumer", "222222222222", "eu-west-2")
READER = "arn:aws:iam::222222222222:role/analyst"
OWNER = "333333333333"
TABLE = {"CatalogId": OWNER, "DatabaseName": "db", "Name": "t"}
COLUMNS = ("a", "b", "c", "d")
WHOLE, NOTHING = Parts(is_whole=True), Parts()


def grant_on(parts: Parts) -> LakeGrant:
    plain = LakeGrant(PLACE, READER, "SELECT", OWNER, OWNER, "db", "t")
    return plain.with_parts(parts)


def rows(parts: Parts) -> list[dict[str, Any]]:
    """Return *parts* as AWS lists them."""
    shapes: list[dict[str, Any]] = [{"ColumnWildcard": {}}] if parts.is_whole else []
    if parts.columns:
        shapes.append({"ColumnNames": sorted(parts.columns)})
    return [
        {
            "Principal": {"DataLakePrincipalIdentifier": READER},
            "Resource": {"TableWithColumns": {**TABLE, **shape}},
            "Permissions": ["SELECT"],
            "PermissionsWithGrantOption": [],
        }
        for shape in shapes
    ]


@dataclass
class Lake:
    """One principal's SELECT on one table: what AWS has, what of it others granted, and what our ledger says."""

    there: Parts = NOTHING
    theirs: Parts = NOTHING
    ledger: LakeGrant | None = None
    history: list[str] = field(default_factory=list)

    def decide(self, desired: LakeGrant | None) -> Step | NoOp | Blocker:
        """Look, and decide."""
        held: dict[Any, Held] = {}
        for row in rows(self.there):
            add_row(held, row, OWNER)
        observed = observed_in(held, desired or self.ledger or grant_on(WHOLE))
        assert not isinstance(observed, Unreadable)
        return diff(desired, observed, self.ledger)

    def want(self, desired: LakeGrant, *, dies: bool) -> None:
        """Apply; a run that *dies* has granted, and has neither revoked nor written down what came of it."""
        verdict = self.decide(desired)
        if isinstance(verdict, NoOp):
            self.ledger = verdict.learned or self.ledger
        if not isinstance(verdict, Step):
            return
        made, before = verdict.desired.parts, Parts()
        if verdict.action == "update":
            before = verdict.observed.parts
        self.there |= made - before
        if dies:
            self.ledger = unfinished(self.ledger, verdict.desired) if self.ledger else verdict.desired
            return
        self.there -= before - made
        self.ledger = verdict.desired

    def others_grant(self, parts: Parts) -> None:
        """What is there already is no row of theirs, but the one that is there."""
        self.theirs |= parts - self.there
        self.there |= parts

    def others_revoke(self, parts: Parts) -> None:
        self.there -= parts & self.theirs
        self.theirs -= parts

    def give_up(self) -> None:
        """Destroy."""
        if self.ledger is None:
            return
        verdict = self.decide(None)
        assert isinstance(verdict, Step)
        self.there -= verdict.observed.parts
        self.ledger = None


some_columns = st.frozensets(st.sampled_from(COLUMNS), min_size=1)
wanted = st.one_of(st.just(WHOLE), st.builds(lambda columns: Parts(columns=columns), some_columns))
any_parts = st.builds(lambda whole, columns: Parts(is_whole=whole, columns=columns), st.booleans(), some_columns)
happenings = st.lists(
    st.one_of(
        st.tuples(st.just("apply"), wanted, st.booleans()),
        st.tuples(st.sampled_from(["others grant", "others revoke"]), any_parts, st.just(False)),
    ),
    max_size=8,
)


def played(happened: list[tuple[str, Parts, bool]]) -> Lake:
    lake = Lake()
    for what, parts, dies in happened:
        match what:
            case "apply":
                lake.want(grant_on(parts), dies=dies)
            case "others grant":
                lake.others_grant(parts)
            case _:
                lake.others_revoke(parts)
        assert not (lake.theirs - lake.there), "what others granted is there until they revoke it"
    return lake


@given(happenings, wanted)
def test_a_plan_after_an_apply_is_empty(happened: list[tuple[str, Parts, bool]], last: Parts) -> None:
    """Whatever happened before: once applied nothing is left to do, or others are in the way and nothing is done."""
    lake = played(happened)
    lake.want(grant_on(last), dies=False)

    again = lake.decide(grant_on(last))

    if isinstance(again, Blocker):
        assert lake.theirs.is_whole
        assert not last.is_whole
    else:
        assert isinstance(again, NoOp)
        assert not (last - lake.there)
        assert last.is_whole or not (lake.there - lake.theirs - last)


@given(happenings)
def test_destroy_leaves_what_others_granted_and_nothing_else(happened: list[tuple[str, Parts, bool]]) -> None:
    """Nothing of ours stays behind and nothing of theirs goes, wherever runs died on the way."""
    lake = played(happened)

    lake.give_up()

    assert lake.there == lake.theirs


shapes = st.sampled_from(
    [
        {"Table": {**TABLE, "TableWildcard": {}, "Name": "ALL_TABLES"}},
        {"TableWithColumns": {**TABLE, "Name": "ALL_TABLES", "ColumnWildcard": {}}},
        {"TableWithColumns": {**TABLE, "ColumnWildcard": {"ExcludedColumnNames": ["d"]}}},
        {"TableWithColumns": {**TABLE, "ColumnNames": ["d"]}},
        {"Table": {**TABLE, "Name": "another"}},
        {"Table": {**TABLE, "CatalogId": "444444444444"}},
        {"Table": {**TABLE, "DatabaseName": "a_link"}},
        {"Database": {"CatalogId": OWNER, "Name": "db"}},
        {"DataCellsFilter": {"TableCatalogId": OWNER, "DatabaseName": "db", "TableName": "t", "Name": "some"}},
        {"LFTagPolicy": {"CatalogId": OWNER, "ResourceType": "TABLE", "Expression": []}},
        {"DataLocation": {"CatalogId": OWNER, "ResourceArn": "arn:aws:s3:::lake"}},
        {"Catalog": {"Id": OWNER}},
    ]
)
strange_rows = st.lists(
    st.fixed_dictionaries(
        {
            "Principal": st.sampled_from(
                [READER, "222222222222:IAMPrincipals", "EVERYONE", "IAMAllowedPrincipals", "222222222222"]
            ).map(lambda who: {"DataLakePrincipalIdentifier": who}),
            "Resource": shapes,
            "Permissions": st.lists(st.sampled_from(["ALL", "SELECT", "DESCRIBE", "DROP"]), min_size=1, unique=True),
            "PermissionsWithGrantOption": st.lists(st.sampled_from(["ALL", "SELECT"]), unique=True),
        }
    ),
    max_size=12,
)


@given(strange_rows, st.permutations(rows(WHOLE)))
def test_rows_of_any_other_shape_are_not_ours_and_change_nothing(
    strange: list[dict[str, Any]], ours: list[dict[str, Any]]
) -> None:
    """Beside our SELECT on the whole table any rows may stand, in any order: no step follows from them."""
    held: dict[Any, Held] = {}
    mine = grant_on(WHOLE)
    for row in [*strange, *ours]:
        add_row(held, row, OWNER)

    verdict = diff(mine, observed_in(held, mine), mine)
    removed = diff(None, observed_in(held, mine), mine)

    assert isinstance(verdict, NoOp)
    assert isinstance(removed, Step)
    assert removed.observed.parts == WHOLE


@given(strange_rows)
def test_rows_of_any_other_shape_are_no_grant(strange: list[dict[str, Any]]) -> None:
    """None of them is the reader's SELECT on the whole table, so that is granted, and nothing of theirs is touched."""
    held: dict[Any, Held] = {}
    for row in strange:
        add_row(held, row, OWNER)
    mine = grant_on(WHOLE)

    verdict = diff(mine, observed_in(held, mine), None)

    assert key_of(mine) not in held or not held[key_of(mine)].is_whole
    assert isinstance(verdict, Step)
    assert verdict.action == "create"
    assert verdict.desired == replace(mine)
    assert isinstance(verdict.observed, Absent)
