"""Single statements that lakeshare adds to the trust policies of roles which are somebody else's."""

from lakeshare.resources.iam_trust.diff import asks_for_another_id, diff
from lakeshare.resources.iam_trust.model import (
    DEFAULT_LIMIT_CHARACTERS,
    IamTrust,
    is_lasting,
    room_taken,
    sid_of,
)
from lakeshare.resources.iam_trust.read import read_trusts
from lakeshare.resources.iam_trust.rights import rights_for
from lakeshare.resources.iam_trust.write import lane, write_trusts
from lakeshare.resources.kind import Kind

__all__ = ["DEFAULT_LIMIT_CHARACTERS", "KIND", "IamTrust", "is_lasting", "room_taken", "sid_of"]

KIND = Kind(
    name="iam_trust",
    label="trust",
    title="trust statements",
    model=IamTrust,
    read=read_trusts,
    diff=diff,
    write=write_trusts,
    rights=rights_for,
    lane=lane,
    lacks_secret_only=asks_for_another_id,
    verbs=("add", "take out"),
)
