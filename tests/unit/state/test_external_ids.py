"""ExternalIds that were made up, and accounts that get another name."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakeshare.state.external_ids import ExternalIds


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "spec.external-ids"


def made_for(path: Path, *aliases: str) -> dict[str, str]:
    """Make up and keep the ExternalIds of accounts."""
    ids = ExternalIds(path)
    made = ids.of(aliases)
    ids.keep()
    return made


def test_it_goes_with_the_account(path: Path) -> None:
    """A renamed account keeps its ExternalId, and so the trust of every role in it; renaming again does nothing."""
    before = made_for(path, "consumer", "other")

    for _time in range(2):
        ids = ExternalIds(path)
        ids.rename({"consumer": "analytics"}, in_use={"consumer"})
        ids.keep()

    assert ExternalIds(path).of(["analytics", "other"]) == {"analytics": before["consumer"], "other": before["other"]}


@pytest.mark.parametrize(("in_use", "winner"), [({"old"}, "old"), (set(), "new")])
def test_leftovers_do_not_win(path: Path, in_use: set[str], winner: str) -> None:
    """Where both names have one, that of the old name counts only while the ledger still goes by it."""
    before = made_for(path, "old", "new")
    ids = ExternalIds(path)

    ids.rename({"old": "new"}, in_use=in_use)

    assert ids.of(["new"])["new"] == before[winner]


def test_looking_writes_nothing(path: Path) -> None:
    """Until it is kept, the file has the old name."""
    made_for(path, "old")
    text = path.read_text()

    ExternalIds(path).rename({"old": "new"}, in_use={"old"})

    assert path.read_text() == text
