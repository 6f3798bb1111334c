"""Tags: put on everything that can carry them, changed with the spec, and never at the cost of anybody else's."""

from __future__ import annotations

from typing import Any

from lakeshare import app
from tests.functional.accounts import CONSUMER, DATABASE, READER, REGION, Accounts, apply_all, steps

WORKGROUP, BUCKET = "lakeshare-connect-analytics", f"lakeshare-{CONSUMER}-{REGION}-connect-analytics"
OWN = {"lakeshare:spec": "connect-analytics"}
TAGGED = {
    f"consumer/{REGION}/database:{DATABASE}",
    f"consumer/{REGION}/bucket:{BUCKET}",
    f"consumer/{REGION}/workgroup:{WORKGROUP}",
    f"consumer/global/role:{READER}",
}


def arn(service: str, path: str) -> str:
    return f"arn:aws:{service}:{REGION}:{CONSUMER}:{path}"


def tags_of_everything(accounts: Accounts) -> list[dict[str, str]]:
    """The tags of the database, the bucket, the workgroup and the role, as AWS has them."""

    def flat(rows: list[dict[str, str]]) -> dict[str, str]:
        return {row["Key"]: row["Value"] for row in rows}

    workgroup = accounts.client("athena").list_tags_for_resource(ResourceARN=arn("athena", f"workgroup/{WORKGROUP}"))
    return [
        accounts.client("glue").get_tags(ResourceArn=arn("glue", f"database/{DATABASE}"))["Tags"],
        flat(accounts.client("s3").get_bucket_tagging(Bucket=BUCKET)["TagSet"]),
        flat(workgroup["Tags"]),
        flat(accounts.client("iam").list_role_tags(RoleName=READER)["Tags"]),
    ]


def tag_as_somebody_else(accounts: Accounts) -> None:
    """Put a tag on each of the four, as a company's own tooling would."""
    theirs = {"Key": "owner", "Value": "finance"}
    bucket = accounts.client("s3")
    there = bucket.get_bucket_tagging(Bucket=BUCKET)["TagSet"]
    accounts.client("glue").tag_resource(
        ResourceArn=arn("glue", f"database/{DATABASE}"), TagsToAdd={"owner": "finance"}
    )
    bucket.put_bucket_tagging(Bucket=BUCKET, Tagging={"TagSet": [*there, theirs]})
    accounts.client("athena").tag_resource(ResourceARN=arn("athena", f"workgroup/{WORKGROUP}"), Tags=[theirs])
    accounts.client("iam").tag_role(RoleName=READER, Tags=[theirs])


def with_tags(accounts: Accounts, **tags: str) -> app.Settings:
    return accounts.write({"s": accounts.share("users", tags=tags)})


def test_tags_follow_the_spec_and_leave_those_of_others(accounts: Accounts) -> None:
    """Tags that the spec gains, changes and drops reach all that has tags; those of others stay, and are no drift."""
    apply_all(with_tags(accounts, team="a", cost="1"))
    first = tags_of_everything(accounts)
    tag_as_somebody_else(accounts)
    untouched = app.plan(with_tags(accounts, team="a", cost="1")).plan

    changed = with_tags(accounts, team="b", stage="prod")
    planned = app.plan(changed).plan
    apply_all(changed)

    assert first == [{**OWN, "team": "a", "cost": "1"}] * 4
    assert steps(untouched) == []
    assert {step.address for step in planned.steps} == TAGGED
    assert {(step.action, step.reason) for step in planned.steps} == {("update", "its tags differ: cost, stage, team")}
    assert tags_of_everything(accounts) == [{**OWN, "team": "b", "stage": "prod", "owner": "finance"}] * 4
    assert steps(app.plan(changed).plan) == []


def test_two_shares_put_their_tags_together(accounts: Accounts) -> None:
    """What two shares use carries the tags of both; a tag that they want differently is in the way."""
    shares: dict[str, Any] = {
        "a": accounts.share("users", tags={"team": "a"}),
        "b": accounts.share("contact_record", tags={"stage": "prod"}),
    }

    apply_all(accounts.write(shares))
    clashing = app.plan(accounts.write({**shares, "b": accounts.share("contact_record", tags={"team": "b"})})).plan

    assert tags_of_everything(accounts) == [{**OWN, "team": "a", "stage": "prod"}] * 4
    assert {blocker.address for blocker in clashing.blockers} == TAGGED


def test_tags_of_what_is_not_ours_are_nobodys_business(accounts: Accounts) -> None:
    """A database that was there before keeps the tags that it has."""
    accounts.client("glue").create_database(
        DatabaseInput={"Name": DATABASE, "CreateTableDefaultPermissions": []}, Tags={"owner": "finance"}
    )

    settings = with_tags(accounts, team="a")
    apply_all(settings)

    assert tags_of_everything(accounts)[0] == {"owner": "finance"}
    assert steps(app.plan(settings).plan) == []
