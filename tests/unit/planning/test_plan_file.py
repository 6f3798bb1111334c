"""Plan files: what is read back is what was written, and everything else is refused."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeshare.errors import StalePlanError
from lakeshare.planning.build import Ours, build_plan
from lakeshare.planning.expand import expand
from lakeshare.planning.graph import ResourceGraph
from lakeshare.planning.plan_file import check_still_fits, parse_plan, plan_document
from lakeshare.resources.resource_link.model import ResourceLink
from lakeshare.resources.values import Absent
from tests.unit.planning.house import facts_of, spec_of
from tests.unit.planning.test_build import settled

GRAPH: ResourceGraph = expand(spec_of(), facts_of())
LINK = "consumer/eu-west-2/link:connect_analytics_consumer.users_link"
DATABASE = "consumer/eu-west-2/database:connect_analytics_consumer"


def document_of(changes: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """The document of a plan that makes the users link, everything else being in place and ours."""
    there = settled(GRAPH)
    ours = Ours({address: item for address, item in there.items() if address != LINK}, {})
    observed = {**there, LINK: Absent(), **(changes or {})}
    plan = replace(build_plan(GRAPH, there, observed, ours), serial=7)
    given_: dict[str, Any] = {"spec_digest": "a", "targets": (), "recover_shares": (), **more}
    return plan_document(plan, observed=observed, wanted=there, ours=ours, **given_)


def written(document: Any) -> bytes:
    return (json.dumps(document, indent=1) + "\n").encode()


def signed(document: dict[str, Any]) -> bytes:
    """A file whose digest is right, whatever is in it."""
    body = {key: value for key, value in document.items() if key != "digest"}
    text = json.dumps(body, sort_keys=True, separators=(",", ":"))
    return written({**body, "digest": "sha256:" + hashlib.sha256(text.encode()).hexdigest()})


CONTENT = written(document_of())


def test_a_plan_file_is_read_back_as_it_was_written() -> None:
    """Reading gives the document, and it fits the same plan made again."""
    document = parse_plan(CONTENT, "plan.json")

    assert document == document_of()
    check_still_fits(document, document_of(), "plan.json")


@given(st.integers(0, len(CONTENT) - 1), st.integers(0, 255))
def test_a_plan_file_with_another_byte_is_refused(position: int, byte: int) -> None:
    """Whatever byte is changed, the file is refused, unless it says the same all the same (white space)."""
    changed = CONTENT[:position] + bytes([byte]) + CONTENT[position + 1 :]

    try:
        document = parse_plan(changed, "plan.json")
    except StalePlanError:
        return

    assert document == json.loads(CONTENT)


@given(st.integers(0, len(CONTENT)))
def test_a_plan_file_that_was_cut_short_is_refused(length: int) -> None:
    """A file of which the end is missing is no plan, unless only the last line's end is."""
    if length >= len(CONTENT) - 1:
        assert parse_plan(CONTENT[:length], "plan.json") == json.loads(CONTENT)
        return
    with pytest.raises(StalePlanError, match="is not a plan file"):
        parse_plan(CONTENT[:length], "plan.json")


@given(st.binary(max_size=200) | st.recursive(st.none() | st.text(), st.lists).map(written))
def test_anything_else_is_no_plan_file(content: bytes) -> None:
    """Bytes that are no text, JSON that is no object: refused, with how to get a plan file."""
    with pytest.raises(StalePlanError, match=r"nothing\.json is not a plan file") as caught:
        parse_plan(content, "nothing.json")

    assert caught.value.hint == "write one with `lakeshare plan -o FILE`"


def test_json_that_nests_without_end_is_no_plan_file() -> None:
    """A file that is deeper than Python's stack is refused like any other."""
    with pytest.raises(StalePlanError, match="is not a plan file"):
        parse_plan(b"[" * 200_000, "plan.json")


@pytest.mark.parametrize("version", ["1.1", "2.0", "0.9", "1.0.1"])
def test_another_format_is_refused(version: str) -> None:
    """A plan of a newer, or older, format is not guessed at, though its digest is right."""
    with pytest.raises(StalePlanError, match=rf"has format {version}, and this version of lakeshare knows 1\.0"):
        parse_plan(signed({**document_of(), "format_version": version}), "plan.json")


@pytest.mark.parametrize("member", ["targets", "steps", "rests_on", "serial", "fingerprint"])
@pytest.mark.parametrize("wrong", [None, 3.5])
def test_a_member_that_is_not_what_it_should_be_is_refused(member: str, wrong: Any) -> None:
    """A file that somebody wrote by hand, digest and all, is refused where it makes no sense."""
    with pytest.raises(StalePlanError, match="is not a plan file"):
        parse_plan(signed({**document_of(), member: wrong}), "plan.json")


def test_another_fingerprint_fits_nothing() -> None:
    """A file whose fingerprint somebody made up is stale, whatever its digest says."""
    document = parse_plan(signed({**document_of(), "fingerprint": "sha256:0"}), "plan.json")

    with pytest.raises(StalePlanError, match="is stale: it would do something else now"):
        check_still_fits(document, document_of(), "plan.json")


def changed_link() -> ResourceLink:
    link: ResourceLink = replace(settled(GRAPH)[LINK], target_table="contact_record")
    return link


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (document_of(spec_digest="b"), "the spec changed since it was made"),
        (
            document_of({LINK: settled(GRAPH)[LINK]}),
            f"it would not create {LINK} any more",
        ),
        (
            document_of({DATABASE: replace(settled(GRAPH)[DATABASE], is_open_to_iam=True)}),
            f"{DATABASE} changed since it was made (is_open_to_iam)",
        ),
        (document_of({DATABASE: Absent()}), f"{DATABASE} was there when it was made, and is absent now"),
        (document_of({LINK: changed_link()}), f"{LINK} is in the way now"),
        (
            {**document_of(), "serial": 9, "fingerprint": "other"},
            "the ledger changed since it was made (serial 7 then, 9 now; `lakeshare state history` lists the runs)",
        ),
        (
            {**document_of(), "serial": 0, "fingerprint": "other"},
            "it was made with another ledger (serial 7), or this one (serial 0) is an earlier copy of it",
        ),
    ],
)
def test_a_stale_plan_says_what_changed(now: dict[str, Any], said: str) -> None:
    """The spec, the ledger, a thing that it rests on, what is to be done: whichever it is, it is named."""
    with pytest.raises(StalePlanError) as caught:
        check_still_fits(document_of(), now, "plan.json")

    assert said in str(caught.value)
    assert str(caught.value).startswith("plan.json is stale: ")


def test_tags_of_others_do_not_make_a_plan_stale() -> None:
    """A tool that tags everything in the account changes nothing that a plan rests on; our own tags count."""
    database = settled(GRAPH)[DATABASE]
    theirs = replace(database, tags=(*database.tags, ("zz-cost-centre", "7")))
    less = replace(database, tags=())

    check_still_fits(document_of(), document_of({DATABASE: theirs}), "plan.json")
    with pytest.raises(StalePlanError, match="tags"):
        check_still_fits(document_of(), document_of({DATABASE: less}), "plan.json")


def test_what_no_step_rests_on_does_not_make_a_plan_stale() -> None:
    """A thing beside, say the acceptance of another table, may come and go."""
    beside = next(address for address in GRAPH.resources if "invitation:" in address and "contact_record" in address)
    document = document_of()

    assert beside not in document["rests_on"]


def test_targets_and_word_given_are_part_of_the_plan() -> None:
    """A plan for other targets, or with another word for a dead share, is another plan."""
    for other in (document_of(targets=("*",)), document_of(recover_shares=("arn:x",))):
        with pytest.raises(StalePlanError):
            check_still_fits(document_of(), other, "plan.json")
