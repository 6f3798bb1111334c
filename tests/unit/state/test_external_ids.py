"""ExternalIds that were made up, and accounts that get another name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lakeshare.errors import LedgerError
from lakeshare.state.external_ids import ExternalIds
from tests.fakes.object_store import FakeBucket


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
    """A renamed account keeps its ExternalId, and its roles their trust; the old name has it until it is dropped."""
    before = made_for(path, "consumer", "other")

    for _time in range(2):
        ids = ExternalIds(path)
        ids.rename({"consumer": "analytics"}, in_use={"consumer"})
        ids.keep()
        assert ExternalIds(path).of(["consumer", "analytics"]) == dict.fromkeys(
            ("consumer", "analytics"), before["consumer"]
        )
    ids.drop(["consumer"])
    ids.keep()

    assert ExternalIds(path).of(["analytics", "other"]) == {"analytics": before["consumer"], "other": before["other"]}
    assert ExternalIds(path).of(["consumer"])["consumer"] != before["consumer"]


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


def test_with_a_ledger_in_an_object_store_they_lie_there_too() -> None:
    """Another host finds the ExternalIds that one has made up, and looking alone writes none."""
    bucket = FakeBucket()
    ids = ExternalIds(bucket.store())
    made = ids.of(["consumer"])
    unwritten = dict(bucket.objects)
    ids.keep()
    ids.keep()

    found = ExternalIds(bucket.store()).of(["consumer"])

    assert unwritten == {}
    assert found == made
    assert bucket.writes == 1


@pytest.mark.parametrize("is_first", [True, False])
def test_two_that_make_some_up_at_once(is_first: bool) -> None:  # noqa: FBT001 - pytest names it
    """The second run is told, and writes nothing over what the first one's roles already ask for."""
    bucket = FakeBucket()
    if not is_first:
        before = ExternalIds(bucket.store())
        before.of(["producer"])
        before.keep()
    quick, slow = ExternalIds(bucket.store()), ExternalIds(bucket.store())
    kept = quick.of(["consumer"])
    slow.of(["consumer"])
    quick.keep()

    with pytest.raises(LedgerError, match="another run has just made up"):
        slow.keep()

    assert ExternalIds(bucket.store()).of(["consumer"]) == kept


def test_a_file_that_others_could_read_is_closed(path: Path) -> None:
    """However it came there, copied or restored, it is its owner's alone once it was used."""
    made = made_for(path, "consumer")
    path.chmod(0o644)

    found = ExternalIds(path).of(["consumer"])

    assert found == made
    assert path.stat().st_mode & 0o777 == 0o600


def test_names_that_share_one_are_given_one(tmp_path: Path) -> None:
    """It is made up once, is kept under each name, and whoever reads it later by one of them finds it."""
    path = tmp_path / "ids"
    ids = ExternalIds(path, together=[("sydney", "london")])

    made = ids.of(["london"])["london"]
    ids.keep()

    assert ids.of(["sydney", "other"])["sydney"] == made != ids.of(["other"])["other"]
    assert ids.fresh == {"sydney", "london", "other"}
    assert ExternalIds(path).of(["sydney", "london"]) == {"sydney": made, "london": made}


@pytest.mark.parametrize("kept", [{"london": "one"}, {"sydney": "one", "london": "another"}])
def test_of_what_is_kept_already_the_first_counts(tmp_path: Path, kept: dict[str, str]) -> None:
    """What an earlier run kept under either name wins, and once it is kept again it is everybody's."""
    path = tmp_path / "ids"
    path.write_text(json.dumps(kept))
    ids = ExternalIds(path, together=[("sydney", "london")])

    found = ids.of(["london", "sydney"])
    ids.keep()

    assert found == {"sydney": "one", "london": "one"}
    assert ids.fresh == frozenset()
    assert json.loads(path.read_text()) == found


def test_what_is_read_back_is_learnt_for_all_who_share_it(tmp_path: Path) -> None:
    """An id that was lost and found where it is asked for counts for every name of that role."""
    ids = ExternalIds(tmp_path / "ids", together=[("sydney", "london")])
    ids.of(["sydney", "london"])

    ids.learn({"london": "found"})

    assert (ids.known("sydney"), ids.fresh) == ("found", frozenset())
