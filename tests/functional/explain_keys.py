"""The keys of a world: catalogs and files that are encrypted, and who may use what they are encrypted with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.functional.accounts import CONSUMER, PRODUCER, REGION, Accounts
from tests.functional.explain_reader import Reader, document
from tests.functional.explain_worlds import FILES, FilesKey, Key

BY_LAKE = "aws-service-role/lakeformation.amazonaws.com/AWSServiceRoleForLakeFormationDataAccess"
BY_GLUE = {"Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}
OBJECT = "orders/part-0.csv"


@dataclass(frozen=True, slots=True)
class Keys:
    """Makes keys, and encrypts with them."""

    accounts: Accounts
    reader: Reader

    def client(self, service: str, account: str) -> Any:
        """Return a client of an account's administrator."""
        return self.accounts.client(service, account)

    def make(self, account: str, *principals: str, condition: dict[str, Any] | None = None) -> str:
        """Make a key that leaves all to its account's IAM, and lets *principals* in as well; return its ARN."""
        own = {"Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": "kms:*", "Resource": "*"}
        statements: list[dict[str, Any]] = [own]
        if principals:
            lets = {"Principal": {"AWS": list(principals)}, "Action": "kms:Decrypt", "Resource": "*"}
            statements.append({**lets, **({"Condition": condition} if condition else {})})
        made = self.client("kms", account).create_key(Policy=document(*statements))
        return str(made["KeyMetadata"]["Arn"])

    def encrypt_catalog(self, account: str, how: Key, role_rights: str = "kms:*") -> str | None:
        """Encrypt the catalog of *account* so that the reader may use its key, or may not; return the key."""
        if how == "none":
            return None
        key = None if how == "aws" else self._catalog_key(account, how)
        if how == "right":
            self.reader.give(f"key-of-{account}", Action="kms:Decrypt", Resource=key)
        at_rest = {"CatalogEncryptionMode": "SSE-KMS", **({"SseAwsKmsKeyId": key} if key else {})}
        if how == "service role":
            role = self._service_role(account, role_rights)
            at_rest |= {"CatalogEncryptionMode": "SSE-KMS-WITH-SERVICE-ROLE", "CatalogEncryptionServiceRole": role}
        self.client("glue", account).put_data_catalog_encryption_settings(
            DataCatalogEncryptionSettings={"EncryptionAtRest": at_rest}
        )
        return key

    def _catalog_key(self, account: str, how: Key) -> str:
        if how == "by key policy":
            through_glue = {"StringEquals": {"kms:ViaService": f"glue.{REGION}.amazonaws.com"}}
            return self.make(account, self.reader.arn, condition=through_glue)
        if how == "for others":
            elsewhere = {"StringEquals": {"kms:ViaService": f"s3.{REGION}.amazonaws.com"}}
            return self.make(account, self.reader.arn, condition=elsewhere)
        # What the reader may of its own it may of another account's key, where that lets the account in.
        abroad = [f"arn:aws:iam::{CONSUMER}:root"] if how == "right" and account == PRODUCER else []
        return self.make(account, *abroad)

    def _service_role(self, account: str, rights: str) -> str:
        iam = self.client("iam", account)
        role = iam.create_role(RoleName="catalog-key", AssumeRolePolicyDocument=document(BY_GLUE))["Role"]["Arn"]
        allowed = document({"Action": rights, "Resource": "*"})
        iam.put_role_policy(RoleName="catalog-key", PolicyName="key", PolicyDocument=allowed)
        return str(role)

    def encrypt_files(self, account: str, how: FilesKey) -> str | None:
        """Encrypt the table's files so that whoever opens them may use the key, or may not; return the key."""
        if how == "none":
            return None
        key = self._files_key(account, how)
        s3 = self.client("s3", account)
        encrypted = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}
        if how == "bucket default":
            rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}
            s3.put_bucket_encryption(Bucket=FILES, ServerSideEncryptionConfiguration={"Rules": [rule]})
            encrypted = {}
        s3.put_object(Bucket=FILES, Key=OBJECT, Body=b"1,10,ann\n2,20,bob\n", **encrypted)
        return key

    def _files_key(self, account: str, how: FilesKey) -> str:
        location = self.reader.world.location
        by_lake = [f"arn:aws:iam::{account}:role/{BY_LAKE}"] if location == "linked" else []
        registered = "registered" if location not in ("linked", "none") else None
        if how == "no right":
            return self.make(account)
        if how == "by key policy":
            by_role = [f"arn:aws:iam::{account}:role/{registered}"] if registered else []
            return self.make(account, self.reader.arn, *by_role, *by_lake)
        abroad = [f"arn:aws:iam::{CONSUMER}:root"] if account == PRODUCER else []
        key = self.make(account, *abroad, *by_lake)
        self.reader.give("key-of-files", Action="kms:Decrypt", Resource=key)
        if registered:
            allowed = document({"Action": "kms:Decrypt", "Resource": key})
            self.client("iam", account).put_role_policy(RoleName=registered, PolicyName="key", PolicyDocument=allowed)
        return key

    def disable(self, key: str | None) -> None:
        """Put a key out of use."""
        if key:
            self.client("kms", key.split(":")[4]).disable_key(KeyId=key.rpartition("/")[2])

    def delete(self, key: str | None) -> None:
        """Have a key deleted in some days."""
        if key:
            self.client("kms", key.split(":")[4]).schedule_key_deletion(KeyId=key.rpartition("/")[2])
