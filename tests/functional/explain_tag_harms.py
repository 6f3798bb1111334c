"""What may befall a world by LF-tags: on tables, columns and links, in grants and shares."""

from __future__ import annotations

from contextlib import suppress

from botocore.exceptions import ClientError

from tests.functional.accounts import CONSUMER, PRODUCER
from tests.functional.explain_stage import Stage
from tests.functional.explain_worlds import DATABASE, EVERYBODY, LINK, LINKS


def revoke_rights(stage: Stage) -> None:
    """Take from the reader, and from everybody in its account, what they hold of the owner's tables."""
    lake = stage.client("lakeformation")
    for row in lake.list_permissions(CatalogId=stage.owner)["PrincipalResourcePermissions"]:
        whom = row["Principal"]["DataLakePrincipalIdentifier"]
        if whom in (stage.reader.arn, EVERYBODY) and "Database" not in row["Resource"]:
            stage.revoke(row["Resource"], whom, *row["Permissions"])


def tag_a_column(stage: Stage) -> None:
    """One column of the table gets a value of the tag that nobody was granted, and that only the owner sees."""
    apart = {"TableWithColumns": {**stage.target, "ColumnNames": ["customer"]}}
    tags = [{"TagKey": "domain", "TagValues": ["other"]}]
    stage.client("lakeformation", PRODUCER).add_lf_tags_to_resource(Resource=apart, LFTags=tags)


def take_tags_off(stage: Stage) -> None:
    """The share by LF-tags stays, and nothing that the table is in carries the tag any more."""
    tags = [{"TagKey": "domain", "TagValues": ["sales"]}]
    stage.client("lakeformation", PRODUCER).remove_lf_tags_from_resource(
        Resource={"Database": {"Name": DATABASE}}, LFTags=tags
    )


def share_by_saved_expression(stage: Stage) -> None:
    """The owner shares by an expression that it keeps under a name, and the reader by the tags in it."""
    lake, tags = stage.client("lakeformation", PRODUCER), [{"TagKey": "domain", "TagValues": ["sales"]}]
    lake.create_lf_tag_expression(Name="saved", Expression=tags)
    written = {"LFTagPolicy": {"ResourceType": "TABLE", "Expression": tags}}
    saved = {"LFTagPolicy": {"ResourceType": "TABLE", "ExpressionName": "saved"}}
    stage.revoke(written, CONSUMER, "SELECT", "DESCRIBE", account=PRODUCER)
    stage.grant(saved, CONSUMER, "SELECT", "DESCRIBE", account=PRODUCER, option=True)
    ram = stage.client("ram")
    for invitation in ram.get_resource_share_invitations()["resourceShareInvitations"]:
        if invitation["status"] == "PENDING":
            ram.accept_resource_share_invitation(resourceShareInvitationArn=invitation["resourceShareInvitationArn"])
    mine = {"LFTagPolicy": {"CatalogId": PRODUCER, "ResourceType": "TABLE", "Expression": tags}}
    stage.grant(mine, stage.reader.arn, "SELECT")


def pass_on_super_by_tags(stage: Stage) -> None:
    """What the reader held goes, and it is passed Super by a tag instead."""
    revoke_rights(stage)
    tags = [{"TagKey": "domain", "TagValues": ["sales"]}]
    policy = {"LFTagPolicy": {"CatalogId": stage.owner, "ResourceType": "TABLE", "Expression": tags}}
    stage.grant(policy, stage.reader.arn, "ALL")


def see_links_by_tags(stage: Stage) -> None:
    """What the reader sees of the links it sees by a tag on their database, and no other way."""
    lake = stage.client("lakeformation")
    lake.create_lf_tag(TagKey="kind", TagValues=["link"])
    tags = [{"TagKey": "kind", "TagValues": ["link"]}]
    lake.add_lf_tags_to_resource(Resource={"Database": {"Name": LINKS}}, LFTags=tags)
    for sort in ("DATABASE", "TABLE"):
        stage.grant({"LFTagPolicy": {"ResourceType": sort, "Expression": tags}}, stage.reader.arn, "DESCRIBE")
    for hidden in ({"Database": {"Name": LINKS}}, {"Table": {"DatabaseName": LINKS, "Name": LINK}}):
        with suppress(ClientError):
            stage.revoke(hidden, stage.reader.arn, "DESCRIBE")


def change_tags(stage: Stage) -> None:
    """The table gets a value of the tag that nobody was granted."""
    lake = stage.client("lakeformation", PRODUCER)
    other = [{"TagKey": "domain", "TagValues": ["other"]}]
    lake.add_lf_tags_to_resource(Resource={"Table": stage.target}, LFTags=other)
