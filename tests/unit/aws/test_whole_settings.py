"""Lake Formation's settings: what nobody's model knows stays, and what others write in the middle is not lost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import pytest

from lakeshare.aws.access import Aws
from lakeshare.engine.execute import Done
from lakeshare.resources.administrators import read_settings
from lakeshare.resources.kind import Run
from lakeshare.resources.lake_settings.model import LakeAdministrator
from lakeshare.resources.lake_settings.write import write_administrators
from lakeshare.resources.values import Absent, Place, Step
from tests.fakes.clock import FakeClock
from tests.unit.aws.conftest import ACCOUNT, REGION
from tests.unit.aws.endpoint import Answer, Asked, FakeEndpoint

SignedIn = Callable[..., tuple[Aws, FakeEndpoint]]

PLACE = Place("producer", ACCOUNT, REGION)
OURS = f"arn:aws:iam::{ACCOUNT}:role/lakeshare-operator"
THEIRS = f"arn:aws:iam::{ACCOUNT}:role/theirs"
FIRST = f"arn:aws:iam::{ACCOUNT}:role/first"
WHOLE: dict[str, Any] = {
    "DataLakeAdmins": [{"DataLakePrincipalIdentifier": FIRST}],
    "ReadOnlyAdmins": [{"DataLakePrincipalIdentifier": f"arn:aws:iam::{ACCOUNT}:role/auditor"}],
    "CreateDatabaseDefaultPermissions": [],
    "CreateTableDefaultPermissions": [
        {"Principal": {"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"}, "Permissions": ["ALL"]}
    ],
    "Parameters": {"CROSS_ACCOUNT_VERSION": "4", "SET_CONTEXT": "TRUE", "A_KEY_OF_NEXT_YEAR": "1"},
    "AuthorizedSessionTagValueList": ["tag"],
    "ExternalDataFilteringAllowList": [],
    "AllowExternalDataFiltering": True,
    "AMemberOfNextYear": {"deep": ["inside", 1]},
}


@dataclass
class Settings:
    """
    The document, as AWS keeps it: each Put replaces the whole of it.

    ``after`` are what somebody else does right after the call of that number has acted, counted from 1.
    """

    document: dict[str, Any] = field(default_factory=lambda: deepcopy(WHOLE))
    after: Mapping[int, Callable[[Settings], None]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    def play(self, asked: Asked) -> Answer:
        """Answer one call."""
        self.calls.append(asked.operation)
        number = len(self.calls)
        answer: dict[str, Any] = {}
        if asked.operation == "PutDataLakeSettings":
            self.document = deepcopy(dict(asked.params["DataLakeSettings"]))
        else:
            answer = {"DataLakeSettings": deepcopy(self.document)}
        if number in self.after:
            self.after[number](self)
        return answer

    @property
    def administrators(self) -> list[str]:
        return [row["DataLakePrincipalIdentifier"] for row in self.document["DataLakeAdmins"]]

    def with_theirs(self) -> None:
        """Have somebody else add an administrator, by a get and a put between two calls of ours."""
        self.document["DataLakeAdmins"].append({"DataLakePrincipalIdentifier": THEIRS})

    def overwrite(self) -> None:
        """Have somebody else put what they had read before we began, with an administrator of theirs added."""
        self.document = deepcopy(WHOLE)
        self.with_theirs()


def be_administrator(signed_in: SignedIn, settings: Settings, *, action: str = "create") -> Any:
    """Add our entry to the settings, or take it out."""
    aws, _ = signed_in(settings.play)
    item = LakeAdministrator(PLACE, OURS)
    desired, observed = (item, Absent()) if action == "create" else (None, item)
    step = Step(item.address, item.kind, action, "", desired, observed)  # type: ignore[arg-type]
    return write_administrators(Run(aws, clock=FakeClock()), [step])[item.address]


def test_everything_else_in_the_document_stays_as_it_was(signed_in: SignedIn) -> None:
    """Members and parameters that no model of ours names go back as they came, and so does all that one does name."""
    settings = Settings()

    added = be_administrator(signed_in, settings)
    with_ours = deepcopy(settings.document)
    removed = be_administrator(signed_in, settings, action="delete")

    assert isinstance(added, Done)
    assert isinstance(removed, Done)
    assert with_ours == {**WHOLE, "DataLakeAdmins": [*WHOLE["DataLakeAdmins"], {"DataLakePrincipalIdentifier": OURS}]}
    assert settings.document == WHOLE


def test_the_document_is_read_as_it_came(signed_in: SignedIn) -> None:
    """What is asked for is the whole document, unknown members included."""
    aws, _ = signed_in(Settings().play)

    assert read_settings(Run(aws), PLACE) == WHOLE


@pytest.mark.parametrize("moment", [2, 3])
def test_what_others_add_after_our_put_stays(signed_in: SignedIn, moment: int) -> None:
    """Right after our Put, or after we have read back: their entry is on top of ours, and both stay."""
    settings = Settings(after={moment: Settings.with_theirs})

    be_administrator(signed_in, settings)

    assert settings.administrators == [FIRST, OURS, THEIRS]
    assert settings.calls == ["GetDataLakeSettings", "PutDataLakeSettings", "GetDataLakeSettings"]


def test_who_overwrites_us_keeps_theirs_and_we_add_ours_again(signed_in: SignedIn) -> None:
    """Somebody puts what they had read before our Put: we see that ours is gone, and merge it into what is there."""
    settings = Settings(after={2: Settings.overwrite})

    be_administrator(signed_in, settings)

    assert settings.administrators == [FIRST, THEIRS, OURS]


def test_the_window_is_between_our_get_and_our_put_and_no_wider(signed_in: SignedIn) -> None:
    """
    What others put in between is lost, and nothing that AWS answers could tell: the document has no version.

    So nothing of ours stands between the two calls.
    """
    settings = Settings(after={1: Settings.with_theirs})

    be_administrator(signed_in, settings)

    assert settings.calls == ["GetDataLakeSettings", "PutDataLakeSettings", "GetDataLakeSettings"]
    assert settings.administrators == [FIRST, OURS]


def test_taking_our_entry_out_leaves_those_that_others_added(signed_in: SignedIn) -> None:
    """Of three administrators exactly ours goes, also when somebody overwrites that once."""
    settings = Settings()
    be_administrator(signed_in, settings)
    settings.with_theirs()
    before = deepcopy(settings.document)
    settings.calls.clear()

    def put_it_back(other: Settings) -> None:
        other.document = deepcopy(before)

    settings.after = {2: put_it_back}
    be_administrator(signed_in, settings, action="delete")

    assert settings.administrators == [FIRST, THEIRS]
