"""Lake Formation's cross-account version: raised on the user's word, and never lowered."""

from lakeshare.resources.cross_account_version.diff import diff
from lakeshare.resources.cross_account_version.model import CrossAccountVersion
from lakeshare.resources.cross_account_version.read import read_versions
from lakeshare.resources.cross_account_version.rights import rights_for
from lakeshare.resources.cross_account_version.write import lane, write_versions
from lakeshare.resources.kind import Kind
from lakeshare.resources.settings_document import one_writer

__all__ = ["KIND", "CrossAccountVersion"]

KIND = Kind(
    name="cross_account_version",
    label="settings",
    title="cross-account versions",
    model=CrossAccountVersion,
    read=read_versions,
    diff=diff,
    write=write_versions,
    rights=rights_for,
    lane=lane,
    conflicts=one_writer,
    is_setting=True,
)
