"""The managed permissions of RAM's shares, and the policies that it writes for them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lakeshare.sandbox import Sandbox
from tests.sandbox.conftest import ClientMaker
from tests.sandbox.lakes import CONSUMER, refused
from tests.sandbox.shares import TABLE, Lending, accept_at, all_tables, database, table
from tests.sandbox.shares import consumer as consumer  # noqa: PLC0414 - a fixture, as those that follow
from tests.sandbox.shares import producer as producer  # noqa: PLC0414
from tests.sandbox.shares import share as share  # noqa: PLC0414

PERMISSION = "arn:aws:ram::aws:permission/"


class TestPermissions:
    def test_a_share_of_rams_own_has_the_default_of_each_type(self, producer: Any, consumer: Any, share: str) -> None:
        """Tables and databases go by a permission each; the receiver sees them too, once it has accepted."""
        database = TABLE.replace("table/sales/orders", "database/sales")
        producer.associate_resource_share(resourceShareArn=share, resourceArns=[f"{TABLE}2", database])

        found = producer.list_resource_share_permissions(resourceShareArn=share)["permissions"]

        assert [(each["name"], each["resourceType"], each["status"]) for each in found] == [
            ("AWSRAMDefaultPermissionGlueTable", "glue:Table", "ASSOCIATED"),
            ("AWSRAMDefaultPermissionGlueDatabase", "glue:Database", "ASSOCIATED"),
        ]
        assert all(each["isResourceTypeDefault"] for each in found)
        with refused("UnknownResourceException"):
            consumer.list_resource_share_permissions(resourceShareArn=share)
        accept_at(consumer)
        assert consumer.list_resource_share_permissions(resourceShareArn=share)["permissions"] == found

    def test_lake_formations_shares_have_those_made_for_it(self, box: Sandbox, client: ClientMaker) -> None:
        """Tables, databases and all tables of a database each have one of their own."""
        lending = Lending(box, client)
        lending.open(4)
        for what in (table("orders"), database(), all_tables()):
            lending.grant(what)

        found = [
            (each["name"], each["resourceType"])
            for share in lending.living()
            for each in client("ram").list_resource_share_permissions(resourceShareArn=share["resourceShareArn"])[
                "permissions"
            ]
        ]

        assert sorted(found) == [
            ("AWSRAMLFEnabledGlueAllTablesReadWriteForDatabase", "glue:Database"),
            ("AWSRAMLFEnabledGlueDatabaseReadWrite", "glue:Database"),
            ("AWSRAMLFEnabledGlueTableReadWrite", "glue:Table"),
        ]
        named = f"{PERMISSION}AWSRAMLFEnabledGlueTableReadWrite"
        (mine,) = client("ram").get_resource_shares(resourceOwner="SELF", permissionArn=named)["resourceShares"]
        (listed,) = client("ram").list_permission_associations(permissionArn=named)["permissions"]
        assert listed["resourceShareArn"] == mine["resourceShareArn"]

    def test_the_permissions_there_are(self, producer: Any) -> None:
        """They list by resource type, whose name knows no case; an account has none of its own."""
        listed = producer.list_permissions(resourceType="GLUE:table")["permissions"]

        assert {each["resourceType"] for each in listed} == {"glue:Table"}
        assert "AWSRAMLFEnabledGlueTableReadWrite" in {each["name"] for each in listed}
        assert [each["name"] for each in listed if each["isResourceTypeDefault"]] == [
            "AWSRAMDefaultPermissionGlueTable"
        ]
        assert producer.list_permissions(permissionType="CUSTOMER_MANAGED")["permissions"] == []

    def test_those_of_other_services_are_told_as_well(self, client: ClientMaker) -> None:
        """All without a filter, and those of one type with one, whose name knows no case."""
        ram = client("ram")
        everything = {each["name"]: each for each in ram.list_permissions()["permissions"]}
        subnets = ram.list_permissions(resourceType="EC2:subnet")["permissions"]

        assert {"AWSRAMDefaultPermissionSubnet", "AWSRAMLFEnabledGlueTableReadWrite"} <= everything.keys()
        assert everything["AWSRAMDefaultPermissionAppMesh"]["version"] == "3"
        assert [each["name"] for each in subnets] == ["AWSRAMDefaultPermissionSubnet"]
        assert ram.get_permission(permissionArn=subnets[0]["arn"])["permission"]["resourceType"] == "ec2:Subnet"

    @pytest.mark.refuses("ram.permission.known")
    @pytest.mark.allows("ram.permission.known")
    def test_one_is_read_with_what_it_allows(self, producer: Any) -> None:
        """GetPermission tells the actions; there is one version of each, and what there is not is not found."""
        arn = f"{PERMISSION}AWSRAMLFEnabledGlueTableReadWrite"

        found = producer.get_permission(permissionArn=arn)["permission"]

        assert "glue:GetTable" in json.loads(found["permission"])["Action"]
        versions = producer.list_permission_versions(permissionArn=arn)["permissions"]
        assert [each["version"] for each in versions] == [found["version"]] == ["1"]
        with refused("UnknownResourceException"):
            producer.get_permission(permissionArn=arn, permissionVersion=7)
        with refused("UnknownResourceException"):
            producer.get_permission(permissionArn=f"{PERMISSION}Mine")
        with refused("MalformedArnException"):
            producer.get_permission(permissionArn="nonsense")

    @pytest.mark.refuses("ram.permission.one-per-type")
    @pytest.mark.allows("ram.permission.one-per-type")
    def test_another_is_chosen_in_its_place(self, producer: Any, share: str) -> None:
        """A second one for a type replaces the first only when asked to; one that is in use is not taken away."""
        arn = f"{PERMISSION}AWSRAMLFEnabledGlueTableReadWrite"
        with refused("InvalidParameterException", "Set replace to true"):
            producer.associate_resource_share_permission(resourceShareArn=share, permissionArn=arn)

        producer.associate_resource_share_permission(resourceShareArn=share, permissionArn=arn, replace=True)

        assert self.of(producer, share) == [arn]
        with refused("InvalidStateTransitionException"):
            producer.disassociate_resource_share_permission(resourceShareArn=share, permissionArn=arn)
        producer.disassociate_resource_share(resourceShareArn=share, resourceArns=[TABLE])
        assert self.of(producer, share) == [arn]
        producer.disassociate_resource_share_permission(resourceShareArn=share, permissionArn=arn)
        assert self.of(producer, share) == []
        with refused("UnknownResourceException"):
            producer.disassociate_resource_share_permission(resourceShareArn=share, permissionArn=arn)

    def test_one_is_chosen_when_the_share_is_made(self, producer: Any) -> None:
        """CreateResourceShare takes permissions by ARN."""
        arn = f"{PERMISSION}AWSRAMPermissionGlueTableReadWrite"

        made = producer.create_resource_share(name="chosen", resourceArns=[TABLE], permissionArns=[arn])

        assert self.of(producer, made["resourceShare"]["resourceShareArn"]) == [arn]

    def of(self, producer: Any, share: str) -> list[str]:
        """Return the ARNs of a share's permissions."""
        found = producer.list_resource_share_permissions(resourceShareArn=share)["permissions"]
        return [each["arn"] for each in found]

    @pytest.mark.refuses("ram.policy.resource-shared")
    @pytest.mark.allows("ram.policy.resource-shared")
    def test_policies_are_read_by_resource(self, producer: Any, consumer: Any, share: str) -> None:
        """The owner reads what RAM has written once the share is accepted; of what it does not share there is none."""
        assert producer.get_resource_policies(resourceArns=[TABLE])["policies"] == []
        accept_at(consumer)

        (policy,) = producer.get_resource_policies(resourceArns=[TABLE])["policies"]

        (statement,) = json.loads(policy)["Statement"]
        assert (statement["Effect"], statement["Resource"]) == ("Allow", TABLE)
        assert statement["Principal"] == {"AWS": [f"arn:aws:iam::{CONSUMER}:root"]}
        with refused("ResourceArnNotFoundException"):
            producer.get_resource_policies(resourceArns=[f"{TABLE}2"])
        with refused("ResourceArnNotFoundException"):
            consumer.get_resource_policies(resourceArns=[TABLE])
