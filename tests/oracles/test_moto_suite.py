"""moto's own tests judge the sandbox: they pass, but for those that differences.md lists with the rules of AWS."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

from lakeshare.sandbox.rules import all_rules
from tests.oracles.listed import LIST, Difference, differences
from tests.oracles.moto_suite import Result, UnreachableError, fetch, run

pytestmark = [pytest.mark.oracle, pytest.mark.timeout(900)]

CACHE = Path(__file__).parents[2] / ".venv" / "moto-source"


@pytest.fixture(scope="module")
def listed() -> list[Difference]:
    """What differences.md lists."""
    return list(differences())


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Result]:
    """What moto's tests came to against the sandbox, where their source can be had."""
    try:
        source = fetch(CACHE)
    except UnreachableError as error:
        pytest.skip(f"moto's source cannot be had from the package registry: {error}")
    return run(source, tmp_path_factory.mktemp("moto"))


@pytest.fixture(scope="module")
def failed(results: Mapping[str, Result]) -> Mapping[str, Result]:
    """Those that failed."""
    return {test: result for test, result in results.items() if result.outcome == "failed"}


def test_the_list_is_in_order(listed: list[Difference]) -> None:
    """Each test is listed once, with rules that there are, or with where AWS says that it answers otherwise."""
    assert [test for test, times in Counter(each.test for each in listed).items() if times > 1] == []
    assert {rule for each in listed for rule in each.rules} <= {rule.id for rule in all_rules()}
    assert [each.test for each in listed if not each.rules and "https://" not in each.source] == []


def test_what_moto_gets_right_stays_right(
    results: Mapping[str, Result], failed: Mapping[str, Result], listed: list[Difference]
) -> None:
    """Every test that fails is listed."""
    unlisted = [f"{test}\n{result.message}" for test, result in failed.items() if _about(test, listed) is None]

    assert len(results) > 900
    assert not unlisted, "\n\n".join(unlisted)


def test_what_is_listed_fails(
    results: Mapping[str, Result], failed: Mapping[str, Result], listed: list[Difference]
) -> None:
    """No difference is listed that there is none any more, or of a test that is gone."""
    passes = [
        each.test
        for each in listed
        if not any(each.is_about(test) for test in failed)
        or any(each.is_about(test) and test not in failed for test in results)
    ]

    assert passes == [], f"listed in {LIST.name}, and passing or gone"


def test_they_fail_for_the_rules_that_are_listed(failed: Mapping[str, Result], listed: list[Difference]) -> None:
    """Where rules are named the sandbox has refused by one of them; whichever it looks at first."""
    otherwise = [
        f"{test}: {', '.join(sorted(result.rules)) or 'by none'}"
        for test, result in failed.items()
        if (difference := _about(test, listed)) is not None
        and difference.rules
        and difference.rules.isdisjoint(result.rules)
    ]

    assert not otherwise, "refused by other rules than those that are listed\n" + "\n".join(otherwise)


def _about(test: str, listed: list[Difference]) -> Difference | None:
    return next((each for each in listed if each.is_about(test)), None)
