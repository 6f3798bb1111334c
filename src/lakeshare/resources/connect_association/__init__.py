"""Connect's own sharing: a data set of an instance, associated with a target account."""

from lakeshare.resources.connect_association.diff import diff
from lakeshare.resources.connect_association.model import ConnectAssociation
from lakeshare.resources.connect_association.read import read_associations, walk_associations
from lakeshare.resources.connect_association.rights import rights_for
from lakeshare.resources.connect_association.write import lane, write_associations
from lakeshare.resources.kind import Kind

__all__ = ["KIND", "ConnectAssociation", "walk_associations"]

KIND = Kind(
    name="connect_association",
    label="association",
    title="data set associations",
    model=ConnectAssociation,
    read=read_associations,
    diff=diff,
    write=write_associations,
    rights=rights_for,
    lane=lane,
    sight=lambda association: (association.place, association.instance),
)
