"""Keys go by their id or their ARN."""

from __future__ import annotations

import pytest

from tests.sandbox.conftest import ClientMaker


@pytest.mark.parametrize("named_by", ["Arn", "KeyId"])
def test_a_key_is_disabled_deleted_and_brought_back(client: ClientMaker, named_by: str) -> None:
    """Each call takes either name, and the key's state follows."""
    kms = client("kms")
    key = kms.create_key()["KeyMetadata"][named_by]

    def state() -> str:
        return str(kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"])

    seen = [state()]
    for change in (kms.disable_key, kms.enable_key, kms.schedule_key_deletion, kms.cancel_key_deletion):
        change(KeyId=key)
        seen.append(state())

    assert seen == ["Enabled", "Disabled", "Enabled", "PendingDeletion", "Disabled"]
