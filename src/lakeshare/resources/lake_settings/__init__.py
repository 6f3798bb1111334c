"""Lake Formation's settings: the operator's own entry among the administrators."""

from lakeshare.resources.kind import Kind
from lakeshare.resources.lake_settings.diff import diff
from lakeshare.resources.lake_settings.model import LakeAdministrator
from lakeshare.resources.lake_settings.read import read_administrators
from lakeshare.resources.lake_settings.rights import rights_for
from lakeshare.resources.lake_settings.write import lane, write_administrators

__all__ = ["KIND", "LakeAdministrator"]

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
    gives_sight=True,
)
