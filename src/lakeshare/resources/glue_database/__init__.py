"""Glue databases of the consumer, in which links live."""

from lakeshare.resources.glue_database.diff import diff
from lakeshare.resources.glue_database.model import GlueDatabase
from lakeshare.resources.glue_database.read import read_databases
from lakeshare.resources.glue_database.rights import rights_for
from lakeshare.resources.glue_database.write import write_databases
from lakeshare.resources.kind import Kind
from lakeshare.resources.tags import with_tags_of_both

KIND = Kind(
    name="glue_database",
    label="database",
    title="databases",
    model=GlueDatabase,
    read=read_databases,
    diff=diff,
    write=write_databases,
    rights=rights_for,
    is_hidden_without_admin=True,
    unfinished=with_tags_of_both,
)
