"""What all parts of the file have in common."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from lakeshare.spec import fields
from lakeshare.spec.fields import ReadOnly

# The value of a field that is to come: nowhere to be seen but in the file's schema.
NOT_YET: Any = Field(default=None, repr=False, exclude=True)


class Part(BaseModel):
    """A part of the file."""

    model_config = ConfigDict(
        defer_build=True, frozen=True, strict=True, extra="forbid", populate_by_name=True, hide_input_in_errors=True
    )


Tags = Annotated[
    ReadOnly[fields.TagKey, fields.TagValue],
    Field(default_factory=fields.no_entries, description="Tags for everything made here that can carry them."),
]


def _secret_fits(value: SecretStr) -> SecretStr:
    fields.EXTERNAL_ID.check(value.get_secret_value())
    return value


Secret = Annotated[SecretStr, AfterValidator(_secret_fits)]
"""An ExternalId: no report, no digest and no error shows it."""
