"""
What a principal holds of a database or table by all of Lake Formation's grants together. Pure.

(documented: https://docs.aws.amazon.com/lake-formation/latest/dg/, pages lf-permissions-reference, implicit-permissions
and tag-based-access-control; reference, sections 2 and 6)
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from lakeshare.access.evaluate import READING
from lakeshare.access.explain.observed import Entry, Grant, Lake, Spot, Tags
from lakeshare.resources.lake_grant import ALL_TABLES, IAM_ALLOWED_PRINCIPALS
from lakeshare.resources.values import Unreadable

SUPER = "ALL"
BY_PART = frozenset({"SELECT", SUPER})
"""Permissions by LF-tags that hold for single columns where the tags are on some columns only (documented)."""


@dataclass(frozen=True, slots=True)
class Held:
    """
    What somebody holds. ``columns`` are those whose values can be read, ``by`` the grants that say so, in words.

    ``rows`` are the row expressions of data cells filters, and apply unless the whole table is held otherwise.
    ``doubts`` say what might add to it and could not be judged.
    """

    is_any: bool = False
    columns: frozenset[str] = frozenset()
    by: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    reads: bool = False
    """Whether a right to read is among it, be it of no column that the table has."""

    def __or__(self, other: Held) -> Held:
        # What lets read is said first.
        by = (*other.by, *self.by) if other.columns and not self.columns else (*self.by, *other.by)
        return Held(
            self.is_any or other.is_any,
            self.columns | other.columns,
            tuple(dict.fromkeys(by)),
            () if (self.columns and not self.rows) or (other.columns and not other.rows) else (*self.rows, *other.rows),
            tuple(dict.fromkeys((*self.doubts, *other.doubts))),
            self.reads or other.reads,
        )

    def within(self, columns: frozenset[str]) -> Held:
        """Return the same, of no columns but *columns*."""
        return replace(self, columns=self.columns & columns)

    def with_keys(self, keys: frozenset[str]) -> Held:
        """Return the same with a table's partition *keys*, which no filter of columns hides from who reads any."""
        # (documented: https://docs.aws.amazon.com/lake-formation/latest/dg/data-filtering-notes.html)
        return replace(self, columns=self.columns | keys) if self.columns else self


NOTHING = Held()


def held(
    lake: Lake, spot: Spot, principals: Collection[str], columns: Iterable[str], *, only_grantable: bool = False
) -> Held:
    """
    Return what *principals* together hold of *spot*, whose *columns* are given, by the grants of *lake*.

    With *only_grantable* only what they may pass on counts.
    """
    if isinstance(lake.grants, Unreadable):
        return Held(doubts=(lake.grants.reason,))
    whole = frozenset(columns)
    found = NOTHING
    for row in lake.grants:
        if row.principal in principals:
            found |= _of(row, lake, spot, whole, only_grantable=only_grantable)
    return found


def is_open(lake: Lake, spot: Spot) -> bool | None:
    """Tell whether IAM alone decides about *spot*: Super is granted to IAMAllowedPrincipals; None when not known."""
    if isinstance(lake.grants, Unreadable):
        return None
    rows = [row for row in lake.grants if row.principal == IAM_ALLOWED_PRINCIPALS and not row.tagged]
    if any(SUPER in row.permissions and _is_on(row, spot) for row in rows):
        return True
    return False if lake.sees_all else None


def made_it(entry: Entry, arn: str) -> bool:
    """Tell whether *arn* made the entry, which gives it every right on it (documented, implicit-permissions)."""
    if entry.created_by == arn:
        return True
    parts = entry.created_by.split(":", 5)
    if len(parts) != 6 or not parts[5].startswith("assumed-role/"):
        return False
    name, account = parts[5].split("/")[1], parts[4]
    return ":role/" in arn and arn.split(":")[4] == account and arn.rpartition("/")[2] == name


def _is_on(row: Grant, spot: Spot) -> bool:
    if row.database != spot.database:
        return False
    return row.table is None if spot.table is None else row.table in (spot.table, ALL_TABLES)


def _of(row: Grant, lake: Lake, spot: Spot, whole: frozenset[str], *, only_grantable: bool) -> Held:
    permissions = row.grantable if only_grantable else row.permissions
    if not permissions:
        return NOTHING
    if row.tagged:
        return _by_tags(row, permissions, lake.tags.get(str(spot)), spot, whole)
    if spot.table is None and row.database == spot.database and row.table == ALL_TABLES:
        # Whoever holds something on all tables sees the database (documented, granting-catalog-permissions).
        return Held(is_any=True, by=(_words(row, permissions),))
    if not _is_on(row, spot):
        return NOTHING
    if row.filter_name:
        return _by_filter(row, permissions, lake, whole)
    reads = not permissions.isdisjoint(READING)
    named = whole - row.excluded if row.columns is None else row.columns
    columns = named if reads else frozenset()
    return Held(is_any=True, columns=columns, by=(_words(row, permissions),), reads=reads)


def _by_filter(row: Grant, permissions: frozenset[str], lake: Lake, whole: frozenset[str]) -> Held:
    words = f"{_list(permissions)} through the data cells filter {row.filter_name}"
    if isinstance(lake.filters, Unreadable):
        return Held(is_any=True, by=(words,), doubts=(f"the filter {row.filter_name}: {lake.filters.reason}",))
    found = lake.filters.get(str(row.filter_name))
    if found is None and not lake.shows_all_filters:
        return Held(is_any=True, by=(words,), doubts=(f"the filter {row.filter_name} does not show from here",))
    if found is None or "SELECT" not in permissions:
        return Held(is_any=True, by=(words,))
    columns = whole - found.excluded if found.columns is None else found.columns
    rows = (found.rows,) if found.rows else ()
    return Held(is_any=True, columns=columns, by=(words,), rows=rows, reads=True)


def _by_tags(
    row: Grant, permissions: frozenset[str], tags: Tags | Unreadable | None, spot: Spot, whole: frozenset[str]
) -> Held:
    words = f"{_list(permissions)} by LF-tags {_expression(row)}"
    if row.expression is None:
        return Held(doubts=(f"{words}: the saved expression was not read",))
    if isinstance(tags, Unreadable):
        return Held(doubts=(f"{words}: {tags.reason}",))
    if tags is None:
        return NOTHING
    if spot.table is None:
        meant = row.tagged == "DATABASE" and _matches(row, tags.database)
        return Held(is_any=True, by=(words,)) if meant else NOTHING
    if row.tagged != "TABLE":
        return NOTHING
    return _by_table_tags(row, permissions, tags, whole, words)


def _by_table_tags(row: Grant, permissions: frozenset[str], tags: Tags, whole: frozenset[str], words: str) -> Held:
    of_table = {**tags.database, **tags.table}
    if not whole:
        # A link has no columns of its own.
        return Held(is_any=True, by=(words,)) if _matches(row, of_table) else NOTHING
    meant = frozenset(name for name in whole if _matches(row, {**of_table, **tags.columns.get(name, {})}))
    if meant == whole:
        reads = not permissions.isdisjoint(READING)
        return Held(True, whole if reads else frozenset(), (words,)) if meant else NOTHING
    if meant and not permissions.isdisjoint(BY_PART):
        return Held(is_any=True, columns=meant, by=(words,))
    # Of single columns nothing but SELECT holds; the rest comes to seeing the table (documented).
    return Held(is_any=True, by=(words,)) if meant or _matches(row, of_table) else NOTHING


def _matches(row: Grant, tags: Mapping[str, frozenset[str]]) -> bool:
    return all(
        key in tags and ("*" in wanted or not wanted.isdisjoint(tags[key])) for key, wanted in row.expression or ()
    )


def _words(row: Grant, permissions: frozenset[str]) -> str:
    what = f"{row.database}.{row.table}" if row.table else row.database
    if row.columns is not None:
        what += f" ({', '.join(sorted(row.columns))})"
    elif row.excluded:
        what += f" (all but {', '.join(sorted(row.excluded))})"
    return f"{row.principal} holds {_list(permissions)} on {what}"


def _expression(row: Grant) -> str:
    return " and ".join(f"{key}={'|'.join(sorted(values))}" for key, values in row.expression or ()) or "(saved)"


def _list(permissions: Iterable[str]) -> str:
    return ", ".join(sorted(permissions))
