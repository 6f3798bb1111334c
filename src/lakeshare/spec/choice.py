"""Which tables, and which of their columns."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import ConfigDict, Field, RootModel, model_validator

from lakeshare.spec import fields
from lakeshare.spec.fields import malformed
from lakeshare.spec.part import Part

ALL: Final = "all"
EVERY_NAME: Final = "*"


class TableSelection(RootModel[tuple[fields.Pattern, ...]]):
    """Which tables: ``all``, or a list of names, patterns, ``group:NAME`` and ``live:NAME``."""

    model_config = ConfigDict(frozen=True, strict=True, hide_input_in_errors=True)
    root: Annotated[tuple[fields.Pattern, ...], Field(min_length=1)]

    @property
    def patterns(self) -> tuple[str, ...]:
        """The entries as written; ``all`` is one pattern that matches everything."""
        return self.root

    @model_validator(mode="before")
    @classmethod
    def _all_is_a_pattern(cls, written: Any) -> Any:
        if isinstance(written, str) and written == ALL:
            return (EVERY_NAME,)
        if isinstance(written, str):
            raise malformed("all, or a list such as [contact_record]")
        return written


class ColumnRule(Part):
    """Which columns of a table a reader sees: a list of them, ``{only: [...]}`` or ``{except: [...]}``."""

    include: tuple[fields.ColumnName, ...] | None = Field(
        default=None, alias="only", min_length=1, description="The columns that the reader sees."
    )
    exclude: tuple[fields.ColumnName, ...] | None = Field(
        default=None, alias="except", min_length=1, description="The columns that the reader does not see."
    )

    @model_validator(mode="before")
    @classmethod
    def _a_list_is_only(cls, written: Any) -> Any:
        return {"only": written} if isinstance(written, tuple) else written

    @model_validator(mode="after")
    def _one_of_two(self) -> ColumnRule:
        if (self.include is None) == (self.exclude is None):
            raise malformed("either only or except")
        return self
