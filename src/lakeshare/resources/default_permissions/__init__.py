"""What Lake Formation grants by default on databases and tables that somebody makes: nothing, if the spec says so."""

from lakeshare.resources.default_permissions.diff import diff
from lakeshare.resources.default_permissions.model import DefaultPermissions, our_part
from lakeshare.resources.default_permissions.read import read_defaults
from lakeshare.resources.default_permissions.rights import rights_for
from lakeshare.resources.default_permissions.write import lane, write_defaults
from lakeshare.resources.kind import Kind
from lakeshare.resources.settings_document import one_writer

__all__ = ["KIND", "DefaultPermissions"]

KIND = Kind(
    name="default_permissions",
    label="settings",
    title="default permissions",
    model=DefaultPermissions,
    read=read_defaults,
    diff=diff,
    write=write_defaults,
    rights=rights_for,
    lane=lane,
    conflicts=one_writer,
    our_part=our_part,
    verbs=("empty", "give back"),
    is_setting=True,
)
