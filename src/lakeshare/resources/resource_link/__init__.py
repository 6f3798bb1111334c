"""Resource links: local names for tables that another account owns."""

from lakeshare.resources.kind import Kind
from lakeshare.resources.resource_link.diff import diff
from lakeshare.resources.resource_link.model import ResourceLink
from lakeshare.resources.resource_link.read import read_links
from lakeshare.resources.resource_link.rights import rights_for
from lakeshare.resources.resource_link.write import write_links

KIND = Kind(
    name="resource_link",
    label="link",
    title="resource links",
    model=ResourceLink,
    read=read_links,
    diff=diff,
    write=write_links,
    rights=rights_for,
    is_hidden_without_admin=True,
    sight=lambda link: (link.place, link.database),
)
