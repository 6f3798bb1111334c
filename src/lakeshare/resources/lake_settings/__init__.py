"""Lake Formation's settings: the operator's own entry among the administrators."""

from lakeshare.resources.kind import Kind
from lakeshare.resources.lake_settings.diff import diff
from lakeshare.resources.lake_settings.model import LakeAdministrator
from lakeshare.resources.lake_settings.read import read_administrators
from lakeshare.resources.lake_settings.rights import rights_for
from lakeshare.resources.lake_settings.write import give_back_entry, lane, write_administrators
from lakeshare.resources.settings_document import one_writer

__all__ = ["KIND", "LakeAdministrator", "give_back_entry"]

KIND = Kind(
    name="lake_settings",
    label="settings",
    title="Lake Formation administrators",
    model=LakeAdministrator,
    read=read_administrators,
    diff=diff,
    write=write_administrators,
    rights=rights_for,
    lane=lane,
    conflicts=one_writer,
    mixes_actions=True,
    is_setting=True,
    gives_sight=True,
)
